"""The checks of several versions behind one address, beside those of each version."""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor

from lockstep.parity.checks import Check
from lockstep.parity.compare import Comparison
from lockstep.parity.rows_checks import CONCURRENT_CLIENTS
from lockstep.parity.split.client import read_digest
from lockstep.parity.split.shares import ANSWERS_OF_SMALLEST
from lockstep.parity.split.split import Split
from lockstep.parity.suite import IDENTITY

NAMELESS = "a service that does not say what it runs"


def ask_shares(split: Split) -> Comparison:
    """Count first answers by version, and compare each count with the share that is expected."""
    split.answers.update(_ask_all(lambda number: _ask(split, number, {}), range(split.asked)))
    return Comparison(split.asked, faults=tuple(_find_share_faults(split)))


def _ask_all(ask: Callable[[int], str], numbers: Iterable[int]) -> list[str]:
    with ThreadPoolExecutor(CONCURRENT_CLIENTS) as pool:
        return list(pool.map(ask, numbers))


def _ask(split: Split, number: int, headers: Mapping[str, str]) -> str:
    """Return the digest of the answer."""
    sent = split.write(number)
    return read_digest(split.client.send("POST", sent.path, sent.body, {**sent.headers, **headers}))


def _find_share_faults(split: Split) -> Iterable[str]:
    for arm in split.arms:
        count, share, (fewest, most) = split.answers[arm.digest], split.shares[arm.digest], split.bounds[arm.digest]
        if not fewest <= count <= most:
            yield (
                f"{arm} gave {count} of {split.asked} first answers, {count / split.asked:.2%}; "
                f"expected {share:.2%}: from {fewest} to {most}"
            )


def check_sticky(split: Split) -> Comparison:
    """Send each caller's value again; of all its answers in the run, each has to come from the same version."""
    callers = split.callers
    if callers is None:
        return Comparison(0)
    values = list(callers.first)
    _ask_all(lambda number: _ask(split, number, {callers.header: values[number]}), range(len(values)))
    faults = (
        f"{callers.header}: {value} was answered by {split.names[callers.first[value]]}, and by {split.names[digest]}"
        for value, digest in callers.moved
    )
    return Comparison(len(values), faults=tuple(faults))


def check_origin(split: Split) -> Comparison:
    """Compare the digest of each first answer with those of the expected versions."""
    others = {digest: count for digest, count in split.answers.items() if digest not in split.shares}
    faults = (f"{count} answers came from {digest or NAMELESS}" for digest, count in others.items())
    return Comparison(split.answers.total(), faults=tuple(faults))


SHARES = Check("shares", "first answers are shared as expected", ask_shares, ANSWERS_OF_SMALLEST)
STICKY = Check("sticky", "a value of the header always leads to the same version", check_sticky, ANSWERS_OF_SMALLEST)
ORIGIN = Check(IDENTITY, "first answers come from the expected versions alone", check_origin, ANSWERS_OF_SMALLEST)
SPLIT_CHECKS = (SHARES, ORIGIN, STICKY)
"""Of an address with several versions; `sticky` runs after the checks of each version, and counts their requests."""
