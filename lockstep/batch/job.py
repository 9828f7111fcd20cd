"""What a batch job is: what is done with which series, by which model; and the sentence that goes on with it."""

import hashlib
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import msgspec

from lockstep.data.panel.sources import SeriesSource
from lockstep.data.price_files.form import UNTOLD, PriceForm

Kind = Literal["forecast", "backtest", "train"]
Format = Literal["parquet", "csv"]
LAYOUT = 1
"""What the files of an output folder look like; it counts up when the same job writes other bytes."""
SERIES: dict[tuple[Kind, bool], int] = {
    ("forecast", False): 100,
    ("forecast", True): 10,
    ("backtest", False): 10,
    ("backtest", True): 10,
    ("train", False): 4,
}
"""How many series a partition has, by kind and whether all rows are written.

It is what a killed worker has to do again, and bounds what memory holds.
"""


class Job(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A batch job: `model` is the folder of a version, `digest` that of its manifest, `input` what holds the series.

    With `all_rows` every row of a series is written, else one. `levels` None leaves the intervals to the model.
    `series` counts the series, and `symbols_sha256` pins their names, and so how they are partitioned. `form` is what
    was told of how they are written.
    """

    kind: Kind
    model: str
    digest: str
    input: str
    all_rows: bool
    levels: tuple[int, ...] | None
    format: Format
    series: int
    symbols_sha256: str
    layout: int = LAYOUT
    form: PriceForm = UNTOLD

    def make_key(self, digests: Sequence[tuple[str, str]]) -> str:
        """Return the SHA-256 over all that the bytes of a partition follow from: its series, the model, the options.

        `digests` holds the symbol and the SHA-256 of each series.
        """
        told = () if self.form == UNTOLD else (self.form,)
        options = (self.layout, self.kind, self.digest, self.all_rows, self.levels, self.format, *told)
        return hashlib.sha256(msgspec.json.encode((options, digests))).hexdigest()

    def list_options(self) -> dict[str, str]:
        """Return what was typed for each argument and option, and what else makes it another job, for people."""
        typed = {
            "MODEL": self.model,
            "INPUT": self.input,
            "--job": self.kind,
            "--all-rows": "passed" if self.all_rows else None,
            "--level": ", ".join(map(str, self.levels or ())),
            "--format": self.format,
            "--date-format": self.form.date_format,
            "--sep": self.form.sep,
            "--decimal": self.form.decimal,
            "the digest of MODEL": self.digest,
            "the layout of OUT": str(self.layout),
        }
        return {name: text or "not passed" for name, text in typed.items()}

    def write_command(self, out: Path) -> str:
        """Return the command that goes on with the job."""
        words = ["lockstep", "batch", self.model, self.input, "--out", str(out), "--job", self.kind]
        words += ["--all-rows"] if self.all_rows else []
        words += [text for level in self.levels or () for text in ("--level", str(level))]
        told = {"--date-format": self.form.date_format, "--sep": self.form.sep, "--decimal": self.form.decimal}
        words += [text for option, value in told.items() if value is not None for text in (option, value)]
        return shlex.join([*words, "--format", self.format])


class Partition(msgspec.Struct, frozen=True):
    """Some series that are done together; `place` is the number of the partition."""

    place: int
    sources: Sequence[SeriesSource]

    @property
    def name(self) -> str:
        """Return what its files are called."""
        return f"part-{self.place:05d}"


def pin_symbols(sources: Sequence[SeriesSource]) -> str:
    """Return the SHA-256 of the symbols."""
    return hashlib.sha256(msgspec.json.encode([source.symbol for source in sources])).hexdigest()


def plan(job: Job, sources: Sequence[SeriesSource]) -> list[Partition]:
    """Return the partitions: the same series are always in the same ones."""
    size = SERIES[job.kind, job.all_rows]
    return [Partition(place, sources[start : start + size]) for place, start in enumerate(range(0, len(sources), size))]
