"""How fast batch jobs are: by cores, by the number of series, and beside what people write without Lockstep."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from qa.batch.commands import Batch, Ended
from qa.batch.rival import build_with_pandas, build_with_talib, time_rival
from qa.batch.synthetic import take_series, write_series
from qa.servers import ROOT
from qa.tables import replace_table, write_table

PAGE = ROOT / "docs" / "batch.md"
SIZES = (100, 1_000, 10_000)
N_COMPARED = 400
ROUNDS = 2
MOST_BEND = 0.15
"""How far the seconds for one more series may differ between the sizes."""
MB = 1024


@dataclass(frozen=True)
class Size:
    """What a run of so many series took, on two cores."""

    n_series: int
    ended: Ended


@dataclass(frozen=True)
class Figures:
    """Seconds: of the sizes, of one core and of two, and of the rivals on two cores, each of `N_COMPARED` series."""

    sizes: Sequence[Size]
    one_core_s: float
    two_cores_s: float
    talib_s: float
    pandas_s: float

    @property
    def slopes_s(self) -> list[float]:
        """Return the seconds for one more series, from each size to the next."""
        return [
            (after.ended.duration_s - before.ended.duration_s) / (after.n_series - before.n_series)
            for before, after in zip(self.sizes, self.sizes[1:], strict=False)
        ]

    @property
    def bend(self) -> float:
        """Return how far the largest of the slopes is above the smallest, as a share."""
        return max(self.slopes_s) / min(self.slopes_s) - 1.0


def measure(folder: Path) -> Figures:
    """Return the figures, of series that are written into a folder."""
    series = write_series(folder / "all", SIZES[-1])
    sizes = [Size(size, _run(take_series(series, folder / f"s{size}", size), folder / f"o{size}", 2)) for size in SIZES]
    compared = take_series(series, folder / "compared", N_COMPARED)
    few = take_series(series, folder / "few", 1)
    one, two, by_talib, by_pandas = [], [], [], []
    for turn in range(ROUNDS):  # in turns, as the machine is not alike all the time
        start_s = _run(few, folder / f"few-{turn}", 1).duration_s
        one.append(_run(compared, folder / f"one-{turn}", 1).duration_s - start_s)
        two.append(_run(compared, folder / f"two-{turn}", 2).duration_s - start_s)
        by_talib.append(time_rival(sorted(compared.iterdir()), 2, build_with_talib))
        by_pandas.append(time_rival(sorted(compared.iterdir()), 2, build_with_pandas))
    return Figures(sizes, *map(statistics.median, (one, two, by_talib, by_pandas)))


def _run(series: Path, out: Path, workers: int) -> Ended:
    return Batch(series, out, ("--workers", str(workers))).run()


def describe(figures: Figures) -> str:
    """Return the figures as tables of Markdown."""
    rows = [
        f"{size.n_series:,} | {size.ended.duration_s:.1f} s | {size.ended.peak_kb[0] // MB} MB | "
        f"{size.ended.peak_kb[1] // MB} MB"
        for size in figures.sizes
    ]
    sizes = write_table("series of 500 bars, two cores | from start to end | the command's memory | a worker's", rows)
    measured = {
        "`lockstep batch`, one core": figures.one_core_s,
        "`lockstep batch`, two cores": figures.two_cores_s,
        "pandas, TA-Lib and scikit-learn in a process pool, two cores": figures.talib_s,
        "pandas and scikit-learn in a process pool, two cores": figures.pandas_s,
    }
    compared = write_table(
        f"{N_COMPARED:,} series, without the start | series/s | `lockstep batch` on two cores is so many times as fast",
        [f"{name} | {N_COMPARED / each:,.0f} | {each / figures.two_cores_s:.1f}" for name, each in measured.items()],
    )
    slopes = " and ".join(f"{1000 * slope:.2f} ms" for slope in figures.slopes_s)
    return f"{sizes}\n\nOne more series takes {slopes} from each size to the next.\n\n{compared}"


def write_page(text: str) -> None:
    """Write the figures into their place in the page."""
    PAGE.write_text(replace_table(PAGE.read_text(), "figures", text))
