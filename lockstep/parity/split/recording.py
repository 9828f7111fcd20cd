"""Make the entry of an address with several versions from what was counted there."""

from collections.abc import Mapping, Sequence

from lockstep.parity.proof import ArmEntry, SplitEntry
from lockstep.parity.recording import enter_check
from lockstep.parity.split.client import ArmClient
from lockstep.parity.split.shares import ERROR
from lockstep.parity.split.split import Arm, Split
from lockstep.parity.suite import Result


def record_split(split: Split, results: Sequence[Result], clients: Mapping[str, ArmClient]) -> SplitEntry:
    """Return the entry of a split; `clients` are those of the versions that were proven, by digest."""
    return SplitEntry(
        url=split.client.url,
        model=split.subject.bundle.manifest.name,
        sticky=split.callers.header if split.callers else "",
        asked=split.answers.total(),
        error=ERROR,
        retries=split.client.retries,
        arms=[_enter_arm(split, arm, clients.get(arm.digest)) for arm in split.arms],
        checks=[enter_check(result) for result in results],
    )


def _enter_arm(split: Split, arm: Arm, client: ArmClient | None) -> ArmEntry:
    return ArmEntry(
        arm.name,
        arm.version,
        arm.digest,
        arm.weight,
        split.shares[arm.digest],
        split.answers[arm.digest],
        *split.bounds[arm.digest],
        client.passed_over if client else 0,
        client.most_tries if client else 0,
    )
