"""Text of the other side, made harmless where a person reads it."""


def escape_controls(text: str, but: str = "") -> str:
    r"""Return the text with each character that does not print as its escape, `\x1b`; those in `but` stay.

    Such are control characters, which a terminal obeys, and those that turn the direction of reading.
    """
    if text.isprintable():
        return text
    return "".join(
        sign if sign.isprintable() or sign in but else sign.encode("unicode_escape", "backslashreplace").decode()
        for sign in text
    )
