"""Price files as people have them: CSV, zipped CSV or Parquet, read if there is one reading, or refused."""

import gzip
import hashlib
import zlib
from dataclasses import dataclass
from pathlib import Path

from lockstep.data.price_csv import decode_text
from lockstep.data.price_files.cells import PriceCells
from lockstep.data.price_files.columns import tidy_columns
from lockstep.data.price_files.dates import tidy_dates
from lockstep.data.price_files.decimals import tidy_numbers
from lockstep.data.price_files.form import PARQUET, UNTOLD, ZIPPED, PriceForm
from lockstep.data.price_files.parquet import read_parquet
from lockstep.data.price_files.text import COMMA, choose_separator, parse_price_text
from lockstep.data.rewriting import Rewriting, advise_encoding, name_separator
from lockstep.errors import InvalidInput, Problem


@dataclass(frozen=True)
class PriceFile:
    """The cells of a file of one series, ready to be read as bars, its name and the SHA-256 of its bytes."""

    name: str
    sha256: str
    cells: PriceCells


def read_price_file(path: Path, form: PriceForm = UNTOLD) -> PriceFile:
    """Return the cells of a file; raise `InvalidInput` if more than one reading is possible, or none, and OSError."""
    content = path.read_bytes()  # once, so that the digest is of the text that is read
    sha256 = hashlib.sha256(content).hexdigest()
    if path.name.lower().endswith(PARQUET):
        return PriceFile(path.name, sha256, tidy(read_parquet(path), form))
    if path.name.lower().endswith(ZIPPED):
        content = _unzip(content, path.name)
    return PriceFile(path.name, sha256, parse_prices(decode_prices(content, path, form), path, form))


def parse_prices(text: str, path: Path, form: PriceForm = UNTOLD) -> PriceCells:
    """Return the cells of the text of a file; raise `InvalidInput`, which names lines."""
    separator = choose_separator(text.partition("\n")[0], path.name, form)
    return tidy(parse_price_text(text, path, separator), form, by_commas=separator.mark == COMMA)


def tidy(cells: PriceCells, form: PriceForm, *, by_commas: bool = True) -> PriceCells:
    """Return the cells as the Yahoo format has them, saying what was done; raise `InvalidInput`."""
    return tidy_numbers(tidy_dates(tidy_columns(cells), form), form, by_commas=by_commas)


def decode_prices(content: bytes, path: Path, form: PriceForm) -> str:
    """Return the text of some lines of a file; raise `InvalidInput`, with the line of pandas that makes it UTF-8."""
    try:
        return decode_text(content, path.name)
    except InvalidInput as error:

        def rewrite(text: str, encoding: str) -> str:
            separator = choose_separator(text.partition("\n")[0], path.name, form)
            return Rewriting(path, (encoding, *name_separator(separator.mark), "dtype=str")).write()

        raise error.advising(advise_encoding(content, rewrite)) from None


def _unzip(content: bytes, name: str) -> bytes:
    try:
        return gzip.decompress(content)
    except (OSError, EOFError, zlib.error) as error:
        raise InvalidInput([Problem(None, name, f"is no whole gzip file: {error}")]) from error
