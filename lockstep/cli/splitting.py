"""A run of the suite against several versions behind one address, each of which is proven by itself."""

import time
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console

from lockstep.bundles.choosing import Choice, choose_version
from lockstep.bundles.reading import load_bundle
from lockstep.cli.running import Run, ending_unreachable, refuse_missing_model, run_suite
from lockstep.parity.checks import Check
from lockstep.parity.proof import SplitEntry
from lockstep.parity.record import Record
from lockstep.parity.reports.console import ConsoleReport, show
from lockstep.parity.scope import Scope
from lockstep.parity.split.callers import Callers, check_header
from lockstep.parity.split.checks import ORIGIN, SHARES, STICKY
from lockstep.parity.split.client import Aim, ArmClient
from lockstep.parity.split.recording import record_split
from lockstep.parity.split.shares import BadSplit, parse_weights
from lockstep.parity.split.split import Arm, Split, check_arms
from lockstep.parity.subjects import make_subject
from lockstep.parity.suite import Result, Verdict


@dataclass(frozen=True)
class Expected:
    """What the options expect behind each address: the versions with their folders, and the header of callers."""

    arms: tuple[Arm, ...]
    folders: tuple[Path, ...]
    sticky: str | None


def choose_expected(bundle: Path | None, model: str | None, text: str, sticky: str | None) -> Expected:
    """Return the versions that the text names, of a model as `choose_version` finds it; raise a `LockstepError`."""
    if sticky:
        check_header(sticky)
    weights = parse_weights(text)
    folders = tuple(choose_version(bundle, model, name).folder for name in weights)
    arms = tuple(
        Arm(name, int(folder.resolve().name), weight, load_bundle(folder))
        for (name, weight), folder in zip(weights.items(), folders, strict=True)
    )
    check_arms(arms)
    if len({arm.bundle.manifest.name for arm in arms}) > 1:
        raise BadSplit("the versions are of different models")
    return Expected(arms, folders, sticky)


def run_split(console: Console, client: ArmClient, run: Run, expected: Expected) -> tuple[SplitEntry, list[Record]]:
    """Return how the answers at the client's address are shared, and the record of each version that answered."""
    split = _open_split(client, run, expected)
    clients, records = dict[str, ArmClient](), list[Record]()
    shares = ", ".join(f"{arm} {split.shares[arm.digest]:.1%}" for arm in expected.arms)
    console.print(show(f"{client.url} shared by {shares}, seed {run.seed}"))
    results = [_run(console, check, split) for check in (SHARES, ORIGIN) if run.wants(SHARES.name)]
    is_expected = all(result.verdict is not Verdict.OTHER_ARTEFACT for result in results)
    for arm, folder in zip(expected.arms, expected.folders, strict=True):
        is_there = is_expected and (split.answers[arm.digest] > 0 or not results)
        if not (is_there and run.list_checks(arm.bundle)):
            continue
        clients[arm.digest] = ArmClient(client.url, client.api_key, split.aim(arm))
        records.append(run_suite(console, clients[arm.digest], replace(run, chosen=Choice(folder, None))))
    if split.callers and run.wants(STICKY.name):
        results.append(_run(console, STICKY, split))
    return record_split(split, results, clients), records


def _open_split(client: ArmClient, run: Run, expected: Expected) -> Split:
    bundle = expected.arms[0].bundle
    client.model = bundle.manifest.name
    digests = frozenset(arm.digest for arm in expected.arms)
    callers = Callers(expected.sticky, run.seed, digests) if expected.sticky else None
    client.aim = Aim(callers=callers)
    with ending_unreachable():
        client.check_access()
        refuse_missing_model(client, bundle)
    scope = Scope(symbol=run.symbol)
    return Split(client, make_subject(client, bundle, run.seed, scope, door=run.door), expected.arms)


def _run(console: Console, check: Check, split: Split) -> Result:
    shown, started = ConsoleReport(console, 1), time.perf_counter()
    with ending_unreachable(), shown:
        shown.start(check)
        result = Result(check, check.run(split), time.perf_counter() - started)
    shown.finish(result)
    return result
