"""The line of pandas that writes a refused file again, beside the first one."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lockstep.data.texts import STEERING

PARQUETS = (".parquet", ".pq")
SUFFIXES = (".csv.gz", ".csv", *PARQUETS)
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
BINARY = re.compile(rb"[\x00-\x08\x0e-\x1f]")
"""Bytes that stand in no text of one byte a character."""

Key = str | tuple[str, str]
"""What pandas calls a column: its name, or two if the columns have two levels."""


@dataclass(frozen=True)
class Rewriting:
    """A file by the path that was typed, with the options by which pandas reads it as text.

    `keeps_index` says whether the first column is an index that the copy needs as well.
    """

    path: Path
    options: tuple[str, ...] = ("dtype=str",)
    keeps_index: bool = False

    @property
    def is_parquet(self) -> bool:
        """Return whether the file says what is an index, and of which type each column is."""
        return self.path.name.lower().endswith(PARQUETS)

    def write(self, *steps: str) -> str:
        """Return the line that reads the file, takes some steps, such as `dropna()`, and writes the copy."""
        read, copy = quote_text(str(self.path)), quote_text(str(_name_copy(self.path)))
        if self.is_parquet:
            return ".".join((f"pd.read_parquet({read})", *steps, f"to_parquet({copy})"))
        index = "" if self.keeps_index else ", index=False"
        return ".".join((f"pd.read_csv({', '.join((read, *self.options))})", *steps, f"to_csv({copy}{index})"))


def quote_text(text: str) -> str:
    """Return a text as Python writes it between double quotes, without what steers a terminal."""
    return STEERING.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(text, ensure_ascii=False))


def quote_key(key: Key) -> str:
    """Return what pandas calls a column as Python writes it."""
    return quote_text(key) if isinstance(key, str) else f"({', '.join(map(quote_text, key))})"


def quote_list(keys: list[Key]) -> str:
    """Return names as Python writes a list of them."""
    return f"[{', '.join(map(quote_key, keys))}]"


def advise_encoding(content: bytes, rewrite: Callable[[str, str], str]) -> str:
    """Return what to do about bytes that are no UTF-8; empty if they are no text at all, as those of Excel.

    `rewrite` returns the line of pandas for the text that they probably are, and the option that names its encoding.
    """
    is_utf16 = content.startswith(UTF16_MARKS)
    if not is_utf16 and BINARY.search(content):
        return ""
    encoding = "utf-16" if is_utf16 else "latin-1"
    line = rewrite(content.decode(encoding, "replace"), f"encoding={quote_text(encoding)}")
    return f"if it is {encoding}, write it as UTF-8, in pandas: {line}"


def name_separator(mark: str) -> tuple[str, ...]:
    """Return the option by which pandas reads columns that `mark` separates; none for a comma."""
    return () if mark == "," else (f"sep={quote_text(mark)}",)


def _name_copy(path: Path) -> Path:
    name = path.name
    suffix = next((each for each in SUFFIXES if name.lower().endswith(each)), path.suffix)
    stem = name[: len(name) - len(suffix)]
    return path.with_name(f"{stem}.clean{name[len(stem) :]}")
