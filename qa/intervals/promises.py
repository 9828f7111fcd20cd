"""What docs/intervals-measured.md promises, each as a sentence and a function that returns what breaks it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

from lockstep.predict.intervals import MAX_HORIZON_BARS
from qa.intervals.blocks import SCORED_LEVEL, Block

COVERAGE = {80: (0.78, 0.82), 90: (0.88, 0.92), 95: (0.935, 0.965)}
"""What was measured over the blocks, and one point more on each side; stated before the series were measured here."""
TO_SPLIT_EACH, TO_SPLIT_MEAN = 0.96, 0.90
WORST_STRETCH = 0.72
TERCILES = (0.74, 0.86)

Promise = Callable[[], list[str]]


def make_promises(newest: Sequence[Block], horizons: Mapping[int, Sequence[Block]]) -> list[Promise]:
    """Return the promises about the newest block of each series, and about the horizons with all of their blocks."""
    return [
        *(
            make_promise(
                f"{level} % intervals cover {low:.1%} to {high:.1%} of the newest block of every series",
                partial(find_coverage_beyond, newest, level, low, high),
            )
            for level, (low, high) in COVERAGE.items()
        ),
        make_promise(
            f"the Winkler score is at least {1 - TO_SPLIT_EACH:.0%} below split conformal's on every series, and "
            f"{1 - TO_SPLIT_MEAN:.0%} on the mean",
            lambda: find_wide(newest),
        ),
        make_promise(
            f"the worst 250 rows of every series are covered to {WORST_STRETCH:.0%} or more",
            lambda: [
                f"{block.series}: {block.worst_stretch:.3f}" for block in newest if block.worst_stretch < WORST_STRETCH
            ],
        ),
        make_promise(
            f"rows of small, middle and large scale are each covered to {TERCILES[0]:.0%} to {TERCILES[1]:.0%}",
            lambda: find_uneven(newest),
        ),
        make_promise(
            f"{MAX_HORIZON_BARS} bars is the last horizon up to which {SCORED_LEVEL} % intervals cover 78 to 82 % of "
            "every block",
            lambda: find_other_limit(horizons),
        ),
        make_promise(
            "one bar ahead the scale forecasts the distance of every block better than an EWMA of squared returns",
            lambda: [
                f"{block.series}, {block.first} to {block.last}: R² {block.scale_r2:.3f}, not above {block.ewma_r2:.3f}"
                for block in horizons[1]
                if block.scale_r2 <= block.ewma_r2
            ],
        ),
    ]


def make_promise(sentence: str, find_broken: Callable[[], list[str]]) -> Promise:
    """Return a promise that says itself what it shows."""

    def promise() -> list[str]:
        return find_broken()

    promise.__doc__ = f"{sentence}."
    return promise


def find_coverage_beyond(blocks: Iterable[Block], level: int, low: float, high: float) -> list[str]:
    """Return the blocks whose coverage is out of bounds."""
    return [
        f"{block.series}, {block.first} to {block.last}: {block.coverage[level]:.4f}"
        for block in blocks
        if not low <= block.coverage[level] <= high
    ]


def find_wide(blocks: Sequence[Block]) -> list[str]:
    """Return the blocks whose Winkler score is too near that of split conformal, and their mean if it is."""
    found = [f"{block.series}: {block.to_split:.3f}" for block in blocks if block.to_split > TO_SPLIT_EACH]
    mean = sum(block.to_split for block in blocks) / len(blocks)
    return found + ([f"mean: {mean:.3f}"] if mean > TO_SPLIT_MEAN else [])


def find_uneven(blocks: Iterable[Block]) -> list[str]:
    """Return the thirds of blocks, by scale, whose coverage is out of bounds."""
    return [
        f"{block.series}, third {place}: {share:.3f}"
        for block in blocks
        for place, share in enumerate(block.terciles, 1)
        if not TERCILES[0] <= share <= TERCILES[1]
    ]


def find_other_limit(horizons: Mapping[int, Sequence[Block]]) -> list[str]:
    """Return where the last horizon that is calibrated on every block is not `MAX_HORIZON_BARS`."""
    beyond = {each: find_coverage_beyond(blocks, 80, *COVERAGE[80]) for each, blocks in horizons.items()}
    found = [f"{each} ahead: {line}" for each in sorted(beyond) if each <= MAX_HORIZON_BARS for line in beyond[each]]
    return found or ([] if beyond[MAX_HORIZON_BARS + 1] else [f"{MAX_HORIZON_BARS + 1} bars ahead would do as well"])
