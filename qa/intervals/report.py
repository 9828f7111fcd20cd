"""The tables of a run."""

from collections.abc import Iterable, Mapping, Sequence

from rich.table import Table

from lockstep.predict.intervals import EVALUATED_LEVELS
from qa.intervals.blocks import BLOCK_ROWS, SCORED_LEVEL, Block

LEVELS = [f"{level} %" for level in EVALUATED_LEVELS]
TO_SPLIT = "Winkler / split conformal"


def show_newest(newest: Sequence[Block]) -> Table:
    """Return one line for the newest block of each series."""
    headings = (
        "series",
        "from",
        "to",
        *LEVELS,
        TO_SPLIT,
        "/ EWMA",
        "worst 250",
        "terciles of scale",
        "R² of scale",
        "of EWMA",
    )
    lines = (
        (
            *(block.series, str(block.first), str(block.last)),
            *(f"{share:.3f}" for share in block.coverage.values()),
            *(f"{block.to_split:.3f}", f"{block.to_ewma:.3f}", f"{block.worst_stretch:.3f}"),
            " ".join(f"{share:.3f}" for share in block.terciles),
            *(f"{block.scale_r2:.3f}", f"{block.ewma_r2:.3f}"),
        )
        for block in newest
    )
    return _make_table(f"One bar ahead, the newest {BLOCK_ROWS} rows of each series", headings, lines)


def show_horizons(horizons: Mapping[int, Sequence[Block]]) -> Table:
    """Return one line for each horizon: what its intervals are worth over the blocks of all series."""
    n_blocks = {len(blocks) for blocks in horizons.values()}
    spread = [f"{level}, all blocks" for level in LEVELS]
    headings = ("bars ahead", *spread, TO_SPLIT, "worst", "/ EWMA", f"split's {SCORED_LEVEL} %", "worst 250")
    lines = (
        (
            str(horizon_bars),
            *(_show_range(block.coverage[level] for block in blocks) for level in EVALUATED_LEVELS),
            f"{sum(block.to_split for block in blocks) / len(blocks):.3f}",
            f"{max(block.to_split for block in blocks):.3f}",
            f"{sum(block.to_ewma for block in blocks) / len(blocks):.3f}",
            _show_range(block.split.coverage for block in blocks),
            f"{min(block.worst_stretch for block in blocks):.3f}",
        )
        for horizon_bars, blocks in horizons.items()
    )
    counted = "–".join(str(number) for number in sorted({min(n_blocks), max(n_blocks)}))
    return _make_table(f"{counted} disjoint blocks of {BLOCK_ROWS} rows", headings, lines)


def _show_range(shares: Iterable[float]) -> str:
    ordered = sorted(shares)
    return f"{ordered[0]:.3f}–{ordered[-1]:.3f}"


def _make_table(title: str, headings: Sequence[str], lines: Iterable[Sequence[str]]) -> Table:
    table = Table(title=title, title_justify="left")
    for heading in headings:
        table.add_column(heading, justify="right")
    for line in lines:
        table.add_row(*line)
    return table
