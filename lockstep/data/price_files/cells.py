"""The cells of some bars before they are read, with what was found out about how they are written."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from lockstep.data.bars import DATE, Bars
from lockstep.data.cells import CellReader, Cells
from lockstep.data.price_csv import TEXT_CELLS
from lockstep.data.price_files.advice import advise_rewriting
from lockstep.data.price_files.refused import Column, Refused
from lockstep.data.rewriting import Key, Rewriting
from lockstep.data.schema import BarsSchema, normalise_column
from lockstep.data.texts import STEERING
from lockstep.errors import InvalidInput, Problem

SYMBOL = "symbol"
"""The column of a long frame that says of which series a row is."""
SYMBOL_NAMES = (SYMBOL, "ticker")
"""What that column may be called, in any case."""
SHOWN_CHARACTERS = 80


@dataclass(frozen=True)
class PriceCells:
    """The cells of some bars: the columns as they are called, and how a cell is read.

    `keys` are what pandas calls the columns. `numbers` says what each row is called in messages, as `unit` says.
    `again` is how pandas rewrites the same file. `said` holds what was found out and is not as in the Yahoo format.
    """

    names: Sequence[str]
    columns: Sequence[Cells]
    keys: Sequence[Key]
    again: Rewriting
    reader: CellReader = TEXT_CELLS
    numbers: Sequence[int] = ()
    unit: str = "row"
    said: tuple[str, ...] = ()

    def read(self, schema: BarsSchema, symbol: str = "") -> Bars:
        """Return the bars, oldest first; raise `InvalidInput`.

        With `symbol`, a column of symbols has to hold it throughout, and is then left out.
        """
        try:
            kept = [place for place, name in enumerate(self.names) if not self._is_symbol(place, name, symbol)]
        except InvalidInput as error:
            raise self._rename(error) from None
        names, columns = [self.names[place] for place in kept], [self.columns[place] for place in kept]
        try:
            return schema.read(names, columns, self.reader).oldest_first()
        except InvalidInput as error:
            read = {
                normalise_column(self.names[place]): Column(self.keys[place], self.columns[place]) for place in kept
            }
            symbols = tuple(key for place, key in enumerate(self.keys) if place not in kept)
            refused = Refused(self.again, read, (DATE, *schema.columns), symbols)
            raise self._rename(error).advising(advise_rewriting(error, refused)) from None

    def refuse(self, problems: Sequence[Problem]) -> InvalidInput:
        """Return a refusal of some rows, called as in the file."""
        return self._rename(InvalidInput(problems))

    def find(self, name: str) -> Cells | None:
        """Return the column of a name in the contract's spelling, None if there is none."""
        place = self._find_place(name)
        return None if place is None else self.columns[place]

    def replacing(self, name: str, column: Cells) -> "PriceCells":
        """Return the cells with another column of a name that is there."""
        place = self._find_place(name)
        return self.with_columns([column if each == place else cells for each, cells in enumerate(self.columns)])

    def with_columns(self, columns: Sequence[Cells]) -> "PriceCells":
        """Return the cells with other columns of the same names."""
        return replace(self, columns=columns)

    def saying(self, *said: str) -> "PriceCells":
        """Return the cells with more that was found out."""
        return replace(self, said=(*self.said, *said))

    def _find_place(self, name: str) -> int | None:
        names = map(normalise_column, self.names)
        return next((place for place, each in enumerate(names) if each == name), None)

    def _rename(self, error: InvalidInput) -> InvalidInput:
        return error.renumbered(self.numbers, self.unit) if self.numbers else error

    def _is_symbol(self, place: int, name: str, symbol: str) -> bool:
        if not symbol or normalise_column(name) not in SYMBOL_NAMES:
            return False
        for row, cell in enumerate(self.columns[place]):
            if cell != symbol:
                reason = f"{show_name(str(cell))!r}, but the file is of {symbol}; pass a file of many series by itself"
                raise InvalidInput([Problem(row, SYMBOL, reason)])
        return True


def show_name(name: str) -> str:
    """Return a name of the input as a message may show it."""
    return STEERING.sub("\N{REPLACEMENT CHARACTER}", name)[:SHOWN_CHARACTERS]
