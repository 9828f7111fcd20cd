"""How a price file is written, as far as its reader was told."""

from dataclasses import dataclass
from typing import Literal

CSV, ZIPPED, PARQUET = ".csv", ".csv.gz", ".parquet"
SUFFIXES = (CSV, ZIPPED, PARQUET)
"""How the names of price files end."""

Decimal = Literal[".", ","]


@dataclass(frozen=True)
class PriceForm:
    """How a file writes dates and numbers, and what separates its columns; None for what is to be found out.

    `date_format` is one of `datetime.strptime`, `sep` one character, `decimal` the decimal mark.
    """

    date_format: str | None = None
    sep: str | None = None
    decimal: Decimal | None = None


UNTOLD = PriceForm()
