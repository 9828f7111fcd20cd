"""What a client is told to post, and what it writes down of the answers."""

import json
import sys
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

Rows = list[list[Any]]
Outputs = Mapping[str, Iterable[Any]]
"""The cells of each output, by its name, in the order of the rows."""
LAST_LINES = 12
ROWS_AT_ONCE = 100
"""So many rows are in a request of the form that posts in parts."""


@dataclass(frozen=True)
class Job:
    """A model at a URL, and rows to post: cells in the order of `columns`, None where one is missing.

    `types` are number, integer, category, text or date. `key` is empty if the service has none. `folder` is the
    client's own. The default model need not be named.
    """

    url: str
    model: str
    columns: list[str]
    types: list[str]
    rows: Rows
    key: str
    folder: str
    is_default: bool = False

    @property
    def address(self) -> str:
        """Return the host and port of the URL."""
        return self.url.removeprefix("http://")

    @property
    def headers(self) -> dict[str, str]:
        """Return the headers of a client that can set any."""
        return {"x-api-key": self.key} if self.key else {}

    @property
    def is_numeric(self) -> bool:
        """Return whether every column is of numbers."""
        return {"number", "integer"}.issuperset(self.types)

    @property
    def records(self) -> list[dict[str, Any]]:
        """Return the rows by the names of their columns."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]

    def parts(self) -> list["Job"]:
        """Return jobs that post the same rows, some at a time."""
        starts = range(0, len(self.rows), ROWS_AT_ONCE)
        return [Job(**{**vars(self), "rows": self.rows[start : start + ROWS_AT_ONCE]}) for start in starts]


@dataclass(frozen=True)
class Call:
    """One way of asking: its name, how many requests it took, and the outputs as `spell` writes them."""

    form: str
    requests: int
    outputs: dict[str, list[str | None]]


@dataclass
class Answers:
    """What a client of a version got, and how many requests it sent beside the calls, such as those of its probes."""

    version: str
    calls: list[Call] = field(default_factory=list)
    beside: int = 0

    def add(self, form: str, outputs: Outputs, requests: int = 1) -> None:
        """Write down the outputs of all rows, asked for in one form."""
        spelled = {name: [spell(cell) for cell in cells] for name, cells in outputs.items()}
        self.calls.append(Call(form, requests, spelled))

    def expect(self, what: str, got: object, expected: object) -> None:
        """Count a request beside the calls; raise ValueError unless the client got what it expects."""
        self.beside += 1
        if got != expected:
            raise ValueError(f"{what}: {got!r} instead of {expected!r}")


def spell(cell: Any) -> str | None:
    """Return a cell so that equal texts are equal bits: a double in hexadecimal, None where nothing was answered."""
    plain = cell.item() if hasattr(cell, "item") else cell
    if plain is None or plain != plain:  # noqa: PLR0124 -- NaN
        return None
    if isinstance(plain, float):
        return plain.hex()
    return plain.decode() if isinstance(plain, bytes) else str(plain)


def take_outputs(predictions: Sequence[Any]) -> dict[str, list[Any]]:
    """Return the columns of a list of records, or the only one of a list of values."""
    if predictions and isinstance(predictions[0], dict):
        return {name: [record[name] for record in predictions] for name in predictions[0]}
    return {"prediction": list(predictions)}


def join(parts: Sequence[Outputs]) -> dict[str, list[Any]]:
    """Return the outputs of rows that were posted in parts."""
    return {name: [cell for part in parts for cell in part[name]] for name in parts[0]}


def run(client: Callable[[Job], Answers]) -> None:
    """Do the jobs in the file that the first argument names, and write what came of each into the second."""
    told, written = map(Path, sys.argv[1:])
    written.write_text(json.dumps([_do(client, Job(**job)) for job in json.loads(told.read_text())]))


def _do(client: Callable[[Job], Answers], job: Job) -> dict[str, Any]:
    """Return the answers, or the last lines of what a client failed with."""
    try:
        return asdict(client(job))
    except Exception:
        return {"failed": "\n".join(traceback.format_exc().splitlines()[-LAST_LINES:])}
