"""What a free text may hold that lands in consoles, pages, logs and metrics: names, symbols, files, columns."""

import re

from lockstep.errors import InvalidBundle

MAX_CHARACTERS = 1_000
MAX_SYMBOL_CHARACTERS = 64
STEERING = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters, breaks of lines, what turns the direction of all that follows, and halves of characters."""
MARKUP = re.compile(r"[\[\]<>{}\"'`\\|]")


def check_text(what: str, text: str) -> None:
    """Raise `InvalidBundle` for a text, called `what` in the message, that is empty, too long or steers a terminal."""
    if not text.strip():
        raise InvalidBundle(f"{what} is empty")
    if len(text) > MAX_CHARACTERS:
        raise InvalidBundle(f"{what} has {len(text)} characters; at most {MAX_CHARACTERS} are taken")
    if found := STEERING.search(text):
        raise InvalidBundle(f"{what} holds the character U+{ord(found[0]):04X}, which steers a terminal; rename it")


def check_symbol(symbol: str) -> None:
    """Raise `InvalidBundle` for what is no symbol: one as of an exchange, such as MSFT, ^GSPC, BRK.B or EURUSD=X."""
    check_text("the symbol", symbol)
    if symbol != symbol.strip() or MARKUP.search(symbol) or len(symbol) > MAX_SYMBOL_CHARACTERS:
        raise InvalidBundle(
            f"{symbol[:MAX_SYMBOL_CHARACTERS]!r} is no symbol; expected at most {MAX_SYMBOL_CHARACTERS} characters, "
            "without brackets, quotes, and spaces at either end, such as MSFT, ^GSPC or EURUSD=X"
        )
