"""The lines of `series.csv`, the index of a panel: what one holds of its series, and how it is written."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec
from msgspec import UNSET

from lockstep.bundles.evaluation import Column
from lockstep.bundles.scores import AnyScores
from lockstep.bundles.series_scores import SeriesScores

INDEX_FILE = "series.csv"
PLACES = ("symbol", "first", "bars", "test_rows")
BARS, EVALUATION = "bars", "evaluation"
NAIVE, UP_RATE = "naive", "up_rate"
DIGEST, SCORE = "sha256:{}", "{}:{}"

Scores = Mapping[str, AnyScores]


@dataclass(frozen=True)
class SeriesEntry:
    """What an index says of one series: its first date, its counts, its scores, and digests by what they are of.

    That is `bars`, `evaluation` (the records of `evaluation.npy`), and each stage that is known by its digest alone.
    `places` are those of its bars in `bars.npy`, `rows` those of its test rows in `evaluation.npy`.
    """

    symbol: str
    first: str
    places: range
    rows: range
    digests: Mapping[str, str]
    scored: SeriesScores

    @property
    def bars(self) -> int:
        """Return how many bars the series has."""
        return len(self.places)

    @property
    def test_rows(self) -> int:
        """Return how many of its newest bars are test rows."""
        return len(self.rows)

    @property
    def test(self) -> slice:
        """Return the places of the test rows among its bars."""
        return slice(self.bars - self.test_rows, None)


def list_index_columns(pinned: Sequence[Column], scores: Scores) -> list[str]:
    """Return the header of an index."""
    digests = [DIGEST.format(name) for name in (BARS, EVALUATION, *(column.name for column in pinned))]
    scored = [SCORE.format(name, member) for name, each in scores.items() for member in each.__struct_fields__]
    return [*PLACES, *digests, NAIVE, UP_RATE, *scored]


def write_index(header: Sequence[str], entries: Sequence[SeriesEntry]) -> str:
    """Return the text of an index; floats in their shortest round-trip form, what is not known empty."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(map(_write_entry, entries))
    return text.getvalue()


def _write_entry(entry: SeriesEntry) -> list[str]:
    scored = entry.scored
    numbers = [value for each in scored.scores.values() for value in msgspec.structs.astuple(each)]
    places = (entry.symbol, entry.first, str(entry.bars), str(entry.test_rows))
    return [*places, *entry.digests.values(), *map(_write_cell, (scored.naive, scored.up_rate, *numbers))]


def _write_cell(value: object) -> str:
    return "" if value is None or value is UNSET else value if isinstance(value, str) else repr(value)
