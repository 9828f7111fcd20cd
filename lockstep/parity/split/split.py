"""The versions behind one address: which are expected there, with which shares, and what was counted."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from lockstep.bundles.bundle import Bundle
from lockstep.parity.callers import draw_agent
from lockstep.parity.posted import Sent
from lockstep.parity.split.callers import Callers
from lockstep.parity.split.client import Aim, ArmClient
from lockstep.parity.split.shares import ERROR, BadSplit, bound_count, count_asks, count_tries, share_out
from lockstep.parity.subject import Subject


@dataclass(frozen=True)
class Arm:
    """One of the versions behind an address: its name in the options, its number, its weight, and its bundle."""

    name: str
    version: int
    weight: int
    bundle: Bundle

    @property
    def digest(self) -> str:
        """Return the digest that its answers carry."""
        return self.bundle.manifest.digest

    def __str__(self) -> str:
        return f"{self.name} ({self.bundle.manifest.name}/{self.version})"


def check_arms(arms: Sequence[Arm]) -> None:
    """Raise `BadSplit` for versions that answers cannot tell apart."""
    names: dict[str, str] = {}
    for arm in arms:
        if arm.digest in names:
            raise BadSplit(f"{names[arm.digest]} and {arm} have the same digest: their answers cannot be told apart")
        names[arm.digest] = str(arm)


@dataclass(frozen=True)
class Split:
    """The versions behind the address of `client`, which takes every first answer; `subject` writes the requests.

    `answers` counts the first answers by digest.
    """

    client: ArmClient
    subject: Subject
    arms: tuple[Arm, ...]
    answers: Counter[str] = field(default_factory=Counter)

    @property
    def callers(self) -> Callers | None:
        """Return the callers that should stay on one version, if any."""
        return self.client.aim.callers

    @cached_property
    def shares(self) -> dict[str, float]:
        """Return the expected share of each version, by digest."""
        return share_out({arm.digest: arm.weight for arm in self.arms})

    @property
    def asked(self) -> int:
        """Return how many first answers are counted."""
        return count_asks([*self.shares.values()])

    @property
    def names(self) -> dict[str, str]:
        """Return the names of the versions by digest."""
        return {arm.digest: str(arm) for arm in self.arms}

    @cached_property
    def bounds(self) -> dict[str, tuple[int, int]]:
        """Return the fewest and the most answers that agree with the share of each version, by digest."""
        error = ERROR / len(self.arms)
        return {digest: bound_count(self.asked, share, error) for digest, share in self.shares.items()}

    def aim(self, arm: Arm) -> Aim:
        """Return whose answers prove a version; if fewer came from it than expected, it is tried more often."""
        share = self.shares[arm.digest]
        if counted := self.answers.total():
            share = min(share, max(1, self.answers[arm.digest]) / counted)
        others = frozenset(self.shares) - {arm.digest}
        return Aim(arm.digest, others, count_tries(share), self.callers)

    def write(self, number: int) -> Sent:
        """Return request `number` of those whose first answers are counted: a row of the evaluation."""
        subject, draws = self.subject, self.subject.draws("shares", number)
        rows = subject.tested.select(slice(place := draws.below(len(subject.tested)), place + 1))
        if subject.protocol is not None:
            return subject.protocol.write_records(subject, subject.list_records(rows))
        return Sent(subject.route, subject.write_body(rows, "stored", None), headers={"User-Agent": draw_agent(draws)})
