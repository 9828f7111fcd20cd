"""Memory of a service by workers, models and versions."""

import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory

from qa.bench.cases import make_cases, make_table_cases
from qa.bench.footprint import read_pss_mb
from qa.bench.models import copy_bundle, train_flowers
from qa.bench.plan import ROWS, TABLE_ROWS
from qa.default_bundle import DEFAULT_BUNDLE
from qa.errors import RunFailed
from qa.servers import run_server, wait_until
from qa.service import make_service

SERIES, TABLE, VERSIONS = "of a series", "of a table", "versions of one of a series"
CONNECTIONS_PER_WORKER = 4
"""New connections go to the worker that has the fewest: each worker gets some of so many."""
WARM_UP = 20
"""How often the many rows are posted on each connection: a worker keeps what it has taken from the machine."""
ASK_TIMEOUT_S = 60

Body = dict[str, object]


@dataclass(frozen=True)
class Size:
    """A service: how many workers, and how many models of a kind or versions of one model."""

    workers: int
    kind: str
    models: int


SIZES = (
    Size(1, SERIES, 1),
    Size(2, SERIES, 1),
    Size(4, SERIES, 1),
    Size(2, SERIES, 50),
    Size(2, SERIES, 200),
    Size(4, SERIES, 200),
    Size(2, TABLE, 1),
    Size(2, TABLE, 200),
    Size(2, VERSIONS, 50),
)


def measure_memory(python: Path, sizes: Sequence[Size] = SIZES) -> dict[Size, float]:
    """Return the PSS of master and workers in 10^6 bytes, after every model was asked in every worker."""
    with _make_models(sizes) as folders:
        return {size: _measure(size, folders[size.kind], python) for size in sizes}


@contextmanager
def _make_models(sizes: Sequence[Size]) -> Iterator[dict[str, Path]]:
    """Lend a models folder for each kind, with as many copies of a bundle as the largest size has."""
    most = {kind: max(size.models for size in sizes if size.kind == kind) for kind in {size.kind for size in sizes}}
    with TemporaryDirectory() as scratch:
        folders = {kind: Path(scratch) / kind.replace(" ", "-") for kind in most}
        for kind, folder in folders.items():
            bundle = train_flowers(Path(scratch) / "trained") if kind == TABLE else DEFAULT_BUNDLE
            names = [name_model(kind, place) for place in range(most[kind])]
            copy_bundle(bundle, folder, names)
        yield folders


def name_model(kind: str, place: int) -> str:
    """Return the name of a copy."""
    return "model" if kind == VERSIONS else f"model-{place}"


def _measure(size: Size, folder: Path, python: Path) -> float:
    names = {name_model(size.kind, place) for place in range(size.models)}
    paths = sorted(folder / name for name in names)
    environ = {"WEB_CONCURRENCY": str(size.workers), "LOCKSTEP_VERSIONS": "all"}
    with run_server(make_service(*paths, python=python, environ=environ)) as server:
        wait_until(lambda: len(server.workers) == size.workers, f"not {size.workers} workers")
        ask_models(server.port, folder, size)
        return sum(read_pss_mb(pid) for pid in server.pids)


def ask_models(port: int, folder: Path, size: Size) -> None:
    """Ask every model for one row, then one of them for many, on so many connections that each worker has some."""
    path, bodies = ("/v1/predict", _list_rows(folder)) if size.kind == TABLE else ("/v1/forecast", _list_bars())
    with ExitStack() as stack:
        connections = []
        for _ in range(CONNECTIONS_PER_WORKER * size.workers):
            connection = stack.enter_context(closing(HTTPConnection("127.0.0.1", port, timeout=ASK_TIMEOUT_S)))
            _ask(connection, path, json.dumps({**bodies[0], **_pick(size.kind, 0)}).encode())  # taken, before the next
            connections.append(connection)
        asked = [*((place, bodies[0]) for place in range(size.models)), *[(0, bodies[1])] * WARM_UP]
        for place, body in asked:
            posted = json.dumps({**body, **_pick(size.kind, place)}).encode()
            for connection in connections:
                _ask(connection, path, posted)


def _pick(kind: str, place: int) -> dict[str, object]:
    return {"model": name_model(kind, place)} | ({"version": place + 1} if kind == VERSIONS else {})


def _list_bars() -> list[Body]:
    return [{"dataframe_split": json.loads(case.body)} for case in make_cases(ROWS)]


def _list_rows(folder: Path) -> list[Body]:
    return [json.loads(case.body) for case in make_table_cases(TABLE_ROWS, folder / name_model(TABLE, 0) / "1")]


def _ask(connection: HTTPConnection, path: str, body: bytes) -> None:
    connection.request("POST", path, body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    text = answer.read()
    if answer.status != HTTPStatus.OK:
        raise RunFailed(f"{path} answered {answer.status}", text.decode(errors="replace"))
