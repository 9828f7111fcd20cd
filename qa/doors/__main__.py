"""`python -m qa.doors [NAME …]`, from the root of the project: every client and server, or those that are named."""

import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from rich.console import Console

from lockstep.scoring.keys import new_key
from qa.doors.asking import ask
from qa.doors.oip_schema import check_schema
from qa.doors.outcome import Outcome
from qa.doors.peers import PEERS, try_peer
from qa.doors.plan import CLIENTS
from qa.doors.report import make_table, summarise
from qa.doors.subjects import Subject, train_subjects
from qa.errors import RunFailed
from qa.servers import run_server
from qa.service import make_service

OF_THE_FILE, SCHEMA = ("msft", "iris"), "schema"
"""The models whose answers are held against the protocol's file, which knows no null; what a caller names them by."""
SECRET, KEY = new_key("doors")
WIDTH = 150
AT_ONCE = 2
"""So many clients ask at the same time: most of what they do is to import their libraries."""


def main(names: list[str]) -> int:
    """Print what came of each client and server; return 1 if a value differed, or if one of them could not be asked."""
    console = Console(width=max(WIDTH, shutil.get_terminal_size().columns))
    outcomes = []
    with tempfile.TemporaryDirectory(prefix="lockstep-doors-") as name:
        try:
            started = time.monotonic()
            for outcome in try_all(Path(name), names):
                outcomes.append(outcome)
                seconds, started = time.monotonic() - started, time.monotonic()
                print(f"{seconds:6.1f} s  {outcome.client}, {outcome.model}: {outcome.verdict}", flush=True)
        except RunFailed as error:
            print(f"make doors: {error}", file=sys.stderr)
            return 1
    console.print(make_table(outcomes), summarise(outcomes), sep="\n")
    broken = [each for each in outcomes if each.broken]
    for each in broken:
        print(f"make doors: {each.client} {each.version}, {each.model}: {each.broken}", file=sys.stderr)
    return 1 if broken or not outcomes else 0


def try_all(folder: Path, names: list[str]) -> Iterator[Outcome]:
    """Yield the outcome of each client with each of its models, without keys and with one."""
    models = folder / "models"
    models.mkdir()
    subjects = train_subjects(models)
    for subject in subjects.values():
        yield from try_clients(subject, names)
    for subject in (subjects[name] for name in OF_THE_FILE if not names or SCHEMA in names):
        with run_server(make_service(subject.folder.parent)) as service:
            yield check_schema(subject.without_gaps, service.url)
    for peer in (each for each in PEERS if not names or each.environment in names):
        for model in peer.tried:
            with tempfile.TemporaryDirectory(dir=folder) as name:
                yield from try_peer(peer, subjects[model], Path(name))


def try_clients(subject: Subject, names: list[str]) -> Iterator[Outcome]:
    """Yield the outcomes of the clients that ask one model."""
    chosen = [each for each in CLIENTS if subject.model in each.models and (not names or each.module in names)]
    for key, environ in (("", {}), (SECRET, {"LOCKSTEP_API_KEYS": KEY.entry})):
        asking = [client for client in chosen if not key or subject.model in client.with_key]
        if asking:
            with (
                run_server(make_service(subject.folder.parent, environ=environ)) as service,
                ThreadPoolExecutor(AT_ONCE) as pool,
            ):
                yield from pool.map(partial(ask, subject=subject, url=service.url, key=key), asking)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
