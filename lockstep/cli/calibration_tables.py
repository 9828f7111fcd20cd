"""The tables that `evaluate` prints of intervals and of probabilities."""

from collections.abc import Sequence

from rich.table import Table

from lockstep.worth.conformal import ConformalCoverage, Share
from lockstep.worth.reliability import Bin, Reliability

BEYOND = "*"
CHANCE = f"{BEYOND} beyond what chance gives in 95 of 100 cases"
HALVES = "each half is judged by the interval of the other: their mean says nothing"
COVERAGES = ("to expect", "half 1", "half 2", "low third", "middle", "high third")


def conformal_table(name: str, coverages: Sequence[ConformalCoverage]) -> Table:
    """Return what is known of the coverage of intervals, in percent; the thirds are those of the predictions."""
    title = f"{name}: split-conformal intervals, percent of rows in them"
    table = Table("level", title=title, caption=f"{HALVES}\n{CHANCE}", caption_justify="left")
    for heading in ("half width", *COVERAGES):
        table.add_column(heading, justify="right")
    for each in coverages:
        lowest, highest = each.expected
        shares = [_show(share) for share in (*each.halves, *each.groups)] or ["-"] * (len(COVERAGES) - 1)
        table.add_row(
            str(each.level), f"{each.half_width:.6g}", f"{lowest:.0%}–{highest:.0%}".replace("%", ""), *shares
        )
    return table


def reliability_table(name: str, found: Reliability) -> Table:
    """Return how often probabilities came true, bin by bin."""
    of_what = "the top class" if found.label is None else found.label
    errors = f"calibration error {found.calibration_error:.4f}, by chance {found.error_by_chance:.4f}"
    title = f"{name}: probability of {of_what}, test rows"
    table = Table(title=title, caption=f"{errors}\n{CHANCE}", caption_justify="left")
    for heading in ("rows", "mean probability", "came true", "by chance"):
        table.add_column(heading, justify="right")
    for each in found.bins:
        lowest, highest = each.chance
        table.add_row(str(each.rows), f"{each.mean_probability:.4f}", _show_bin(each), f"{lowest:.4f}–{highest:.4f}")
    return table


def _show(share: Share) -> str:
    return f"{share.share * 100:.1f}{_mark(share.share, share.chance)}"


def _show_bin(each: Bin) -> str:
    return f"{each.share:.4f}{_mark(each.share, each.chance)}"


def _mark(share: float, chance: tuple[float, float]) -> str:
    return " " if chance[0] <= share <= chance[1] else BEYOND
