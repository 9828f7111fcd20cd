"""Numbers, texts and members as clients write them in JSON: one value, many spellings."""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from lockstep.parity.draws import Draws

Spell = Callable[[float], str]
LARGEST_WHOLE = 2.0**53
"""Up to here a number without a fraction can be written as a whole one."""


def write_shortest(value: float) -> str:
    """Return the number as Python and most languages write it."""
    return repr(value)


def write_whole(value: float) -> str:
    """Return the number as JavaScript does: without a point if it has no fraction."""
    return str(int(value)) if value.is_integer() and abs(value) < LARGEST_WHOLE else repr(value)


def write_digits(value: float) -> str:
    """Return the number with 17 digits, as C's `%.17g` does."""
    return format(value, ".17g")


def write_exponent(value: float) -> str:
    """Return the number with 17 digits and an exponent."""
    return format(value, ".16e")


def cut_decimals(value: float) -> str:
    """Return the number cut to ten decimals, which is what `DataFrame.to_json` writes by default."""
    return _strip(format(value, ".10f"))


def cut_more_decimals(value: float) -> str:
    """Return the number cut to 15 decimals, the most that `DataFrame.to_json` writes."""
    return _strip(format(value, ".15f"))


def round_up(value: float) -> str:
    """Return the next whole number."""
    return str(math.ceil(value))


EXACT: tuple[Spell, ...] = (write_shortest, write_whole, write_digits, write_exponent)
"""Spellings that come back to the bit."""

CUT: tuple[Spell, ...] = (cut_decimals, cut_more_decimals, round_up)
"""Spellings that come back as another number."""


def _strip(text: str) -> str:
    stripped = text.rstrip("0")
    return f"{stripped}0" if stripped.endswith(".") else stripped


@dataclass(frozen=True)
class Layout:
    """The space around commas and colons, whether texts are ASCII, and the order of the members of an object."""

    draws: Draws
    comma: str
    colon: str
    is_ascii: bool

    def write_text(self, text: str) -> str:
        """Return a JSON string."""
        return json.dumps(text, ensure_ascii=self.is_ascii)

    def write_list(self, items: Sequence[str]) -> str:
        """Return a JSON list of values that are written already."""
        return f"[{self.comma.join(items)}]"

    def write_object(self, members: Mapping[str, str]) -> str:
        """Return a JSON object of values that are written already, its members in any order."""
        written = [f"{self.write_text(name)}{self.colon}{value}" for name, value in members.items()]
        return f"{{{self.comma.join(self.draws.shuffle(written))}}}"


def draw_layout(draws: Draws) -> Layout:
    """Return how a client may lay out a body: compact, with spaces, or on many lines."""
    comma, colon = draws.choose(((",", ":"), (", ", ": "), (",\n  ", ": ")))
    return Layout(draws, comma, colon, is_ascii=draws.chance(2))
