"""Several runs of the suite as one proof: of more addresses, or of more versions behind one."""

from collections.abc import Iterable, Sequence

import msgspec

from lockstep.parity.record import CheckEntry, Record
from lockstep.parity.suite import Verdict

WORST_FIRST = (Verdict.OTHER_ARTEFACT, Verdict.DIVERGED, Verdict.INCONCLUSIVE, Verdict.PARITY)


class ArmEntry(msgspec.Struct, frozen=True):
    """One of the versions behind an address: its name and weight in the options, and what was counted of it.

    `answers` is how many first answers it gave; from `fewest` to `most` agree with `share`. Its own run passed over so
    many answers of other versions, and took at most `most_tries` tries for a request.
    """

    name: str
    version: int
    digest: str
    weight: int
    share: float
    answers: int
    fewest: int
    most: int
    passed_over: int
    most_tries: int


class SplitEntry(msgspec.Struct, frozen=True):
    """How one address shares its answers; `error` is how likely right shares are called wrong.

    `asked` counts first answers, `sticky` is the header whose values should stay on one version, empty if none should.
    """

    url: str
    model: str
    sticky: str
    asked: int
    error: float
    retries: int
    arms: list[ArmEntry]
    checks: list[CheckEntry]

    @property
    def verdict(self) -> Verdict:
        """Return the worst verdict of its checks."""
        return find_worst(check.verdict for check in self.checks)

    @property
    def summary(self) -> str:
        """Say in one line how the answers were shared."""
        if not self.asked:
            return "no first answers counted"
        shares = ", ".join(f"{arm.name} {arm.answers} ({arm.answers / self.asked:.1%})" for arm in self.arms)
        sticky = f", sticky by {self.sticky}" if self.sticky else ""
        retries = f", {self.retries} retries" if self.retries else ""
        return f"first answers of {self.asked}: {shares}{sticky}{retries}"


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """All runs of a command, by address and version, and how each address with several versions shares its answers."""

    schema_version: int = 1
    verdict: str
    exit_code: int
    splits: list[SplitEntry]
    records: list[Record]

    @property
    def summary(self) -> str:
        """Say in one line what was compared where."""
        if not self.records:
            return "no version was proven: the shares alone were counted"
        urls = list(dict.fromkeys(record.url for record in self.records))
        compared = sum(record.compared for record in self.records)
        return f"{len(self.records)} runs at {len(urls)} address{'es' * (len(urls) > 1)}, {compared} comparisons"


def prove(records: Sequence[Record], splits: Sequence[SplitEntry]) -> Proof:
    """Return all runs as one, whose verdict is the worst of theirs and of the splits'."""
    verdict = find_worst([*(record.verdict for record in records), *(split.verdict.word for split in splits)])
    return Proof(verdict=verdict.word, exit_code=verdict.value, splits=[*splits], records=[*records])


def find_worst(words: Iterable[str]) -> Verdict:
    """Return the worst of some verdicts, as reports write them; PARITY if there is none."""
    told = set(words)
    return next((verdict for verdict in WORST_FIRST if verdict.word in told), Verdict.PARITY)
