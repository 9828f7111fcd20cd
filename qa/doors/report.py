"""What a run prints."""

from collections.abc import Sequence

from rich.table import Table

from qa.doors.outcome import Outcome


def make_table(outcomes: Sequence[Outcome]) -> Table:
    """Return one line for each client or server with each model."""
    table = Table(title="Every door, asked by other people's clients")
    for heading in ("door", "client or server", "version", "model"):
        table.add_column(heading, no_wrap=True)
    for heading in ("requests", "values compared"):
        table.add_column(heading, justify="right")
    table.add_column("result", overflow="fold")
    for each in outcomes:
        table.add_row(
            *(each.door, each.client, each.version, each.model), str(each.requests), str(each.values), each.verdict
        )
    return table


def summarise(outcomes: Sequence[Outcome]) -> str:
    """Return the run in one line."""
    equal = sum(not each.broken for each in outcomes)
    requests, values = (sum(getattr(each, name) for each in outcomes) for name in ("requests", "values"))
    return f"{equal} of {len(outcomes)} equal: {requests} requests, {values} values compared as guaranteed"
