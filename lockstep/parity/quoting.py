"""What the other side wrote, made fit for a terminal, a report and a log."""

from lockstep.scoring.printable import escape_controls

MAX_QUOTED = 2_000
MORE = "…"


def quote_text(text: str) -> str:
    r"""Return a text as one line: letters that cannot be seen as Python's escapes, such as `\x1b`, and not too long.

    Those are line ends, terminal escapes, letters that reverse the direction of writing, and halves of surrogates. A
    text that was quoted stays as it is.
    """
    shown = escape_controls(text[:MAX_QUOTED])
    if len(text) > MAX_QUOTED or len(shown) > MAX_QUOTED:
        shown = shown[: MAX_QUOTED - len(MORE)] + MORE
    return shown
