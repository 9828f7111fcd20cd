"""`python -m qa.doors [NAME …]`, from the root of the project: every client and server, or those that are named."""

import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from rich.console import Console

from lockstep.scoring.keys import new_key
from qa.default_bundle import DEFAULT_MODEL
from qa.doors.asking import ask
from qa.doors.oip_schema import check_schema
from qa.doors.outcome import Outcome
from qa.doors.pages import PAGES, try_page
from qa.doors.peers import PEERS, try_peer
from qa.doors.plan import CLIENTS, Client
from qa.doors.report import make_table, summarise
from qa.doors.subjects import Subject, train_subjects
from qa.errors import RunFailed
from qa.servers import run_server
from qa.service import make_service

OF_THE_FILE, SCHEMA = ("msft", "iris"), "schema"
"""The models whose answers are held against the protocol's file, which knows no null; what a caller names them by."""
EXAMPLES = "pages"
"""What a caller names the examples of the pages by."""
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
    """Yield the outcome of each client and server with each of its models, the clients without a key and with one."""
    models = folder / "models"
    models.mkdir()
    subjects = train_subjects(models)
    chosen = [each for each in CLIENTS if not names or each.module in names]
    for key, environ in (("", {}), (SECRET, {"LOCKSTEP_API_KEYS": KEY.entry})):
        with run_server(make_service(DEFAULT_MODEL, models, environ=environ)) as service:
            yield from try_clients(chosen, subjects, service.url, key)
            for subject in (subjects[name] for name in OF_THE_FILE if not key and (not names or SCHEMA in names)):
                yield check_schema(subject.without_gaps, service.url)
            for door in (each for each in PAGES if not key and (not names or EXAMPLES in names)):
                yield try_page(door, subjects[DEFAULT_MODEL.name], service.url)
    for peer in (each for each in PEERS if not names or each.environment in names):
        for model in peer.tried:
            with tempfile.TemporaryDirectory(dir=folder) as name:
                yield from try_peer(peer, subjects[model], Path(name))


def try_clients(clients: Sequence[Client], subjects: Mapping[str, Subject], url: str, key: str) -> Iterator[Outcome]:
    """Yield the outcomes of clients that ask one service."""

    def ask_one(client: Client) -> list[Outcome]:
        asked = [subjects[name] for name in (client.with_key if key else client.models)]
        return ask(client, asked, url, key) if asked else []

    with ThreadPoolExecutor(AT_ONCE) as pool:
        for outcomes in pool.map(ask_one, clients):
            yield from outcomes


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
