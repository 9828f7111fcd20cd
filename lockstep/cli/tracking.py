"""How far a command has come among many series, on standard error."""

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.progress import track


def track_series(symbols: Sequence[str]) -> Iterable[str]:
    """Yield the symbols, with a bar for a person who watches; it is gone at the end."""
    console = Console(stderr=True)
    return track(symbols, "series", console=console, transient=True, disable=not console.is_terminal)
