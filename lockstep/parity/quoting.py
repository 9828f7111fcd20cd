"""What the other side wrote, made fit for a terminal, a report and a log."""

MAX_QUOTED = 2_000
MORE = "…"


def quote_text(text: str) -> str:
    r"""Return a text as one line: letters that cannot be seen as Python's escapes, such as `\x1b`, and not too long.

    Those are line ends, terminal escapes, letters that reverse the direction of writing, and halves of surrogates. A
    text that was quoted stays as it is.
    """
    shown = text[:MAX_QUOTED]
    if not shown.isprintable():
        shown = "".join(
            letter if letter.isprintable() else letter.encode("unicode_escape").decode("ascii") for letter in shown
        )
    if len(text) > MAX_QUOTED or len(shown) > MAX_QUOTED:
        shown = shown[: MAX_QUOTED - len(MORE)] + MORE
    return shown
