"""What a run prints, and its exit code."""

from collections.abc import Sequence

from rich.table import Table

from qa.matrix.run import EQUAL, NOT_RUN, Outcome


def make_table(outcomes: Sequence[Outcome]) -> Table:
    """Return one line for each cell; Python, SIMD level, kernel and workers are what was proven, not what was asked."""
    table = Table(title="The same bits in every environment")
    for heading in ("environment", "Python", "NumPy up to", "OpenBLAS", "workers"):
        table.add_column(heading)
    for heading in ("families", "compared", "seconds"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("verdict", overflow="fold")
    for outcome in outcomes:
        facts = outcome.facts
        level = (facts.simd[-1] if facts.simd else "baseline") if facts else "-"
        table.add_row(
            outcome.cell.name,
            facts.python if facts else "-",
            level,
            ", ".join(facts.kernels) if facts else "-",
            str(outcome.workers or "-"),
            f"{sum(verdict == EQUAL for verdict in outcome.families.values())} of {len(outcome.families)}",
            str(outcome.compared),
            f"{outcome.seconds:.1f}",
            f"{outcome.verdict}: {outcome.reason}" if outcome.reason else outcome.verdict,
        )
    return table


def summarise(outcomes: Sequence[Outcome]) -> str:
    """Return the run in one line."""
    ran = [outcome for outcome in outcomes if outcome.verdict != NOT_RUN]
    equal = sum(outcome.verdict == EQUAL for outcome in ran)
    left_out = [outcome.cell.name for outcome in outcomes if outcome.verdict == NOT_RUN]
    names = f"; not run: {', '.join(left_out)}" if left_out else ""
    return f"{equal} of {len(ran)} cells equal, {_count_others(ran)} of them unlike the default{names}"


def exit_code(outcomes: Sequence[Outcome]) -> int:
    """Return 0 where every cell that ran is equal and one was proven unlike the default; else 1."""
    ran = [outcome for outcome in outcomes if outcome.verdict != NOT_RUN]
    return 0 if all(outcome.verdict == EQUAL for outcome in ran) and _count_others(ran) else 1


def _count_others(ran: Sequence[Outcome]) -> int:
    """Return how many cells ran in another environment than the first, by what was proven."""
    return sum((outcome.facts, outcome.workers) != (ran[0].facts, ran[0].workers) for outcome in ran)
