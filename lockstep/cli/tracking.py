"""How far a command has come among many series, on standard error."""

import sys
from collections.abc import Iterator, Sequence

import click


def track_series(symbols: Sequence[str]) -> Iterator[str]:
    """Yield the symbols, with a bar for a person who watches: click's own, as the web image has no other."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield from symbols
        return
    with click.progressbar(symbols, label="series", file=sys.stderr) as bar:
        yield from bar
