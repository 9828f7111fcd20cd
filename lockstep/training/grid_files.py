"""Read a grid, the values to try for each parameter, from JSON text or from a JSON or TOML file."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from lockstep.errors import TrainingError

Grid = dict[str, Sequence[Any]]

EXPECTED = """expected {"max_depth": [3, 6]}, or a JSON or TOML file that holds it"""
DECODERS = {".json": msgspec.json.decode, ".toml": msgspec.toml.decode}


def read_grid(text: str) -> Grid:
    """Return the grid that `text` is, or that the file called so holds; raise `TrainingError`."""
    is_inline = text.lstrip().startswith("{")
    path = Path(text)
    try:
        if is_inline:
            found = msgspec.json.decode(text)
        elif path.suffix.lower() in DECODERS:
            found = DECODERS[path.suffix.lower()](path.read_bytes())
        else:
            raise TrainingError(f"{text!r} is no grid; {EXPECTED}")
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise TrainingError(f"the grid {text!r} cannot be read: {error}; {EXPECTED}") from error
    if not (isinstance(found, dict) and found):
        raise TrainingError(f"the grid {text!r} names no parameters; {EXPECTED}")
    for name, values in found.items():
        if not (isinstance(values, list) and values):
            raise TrainingError(f"the grid's {name} is {values!r}, not a list of values; {EXPECTED}")
    return found
