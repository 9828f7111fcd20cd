"""What every body of our own API about bars may hold: a frame in one of two forms, and what it is for."""

import msgspec

from lockstep.doors.body import CellRow, CellTable, ColumnNames
from lockstep.doors.forms import BodyForm
from lockstep.doors.frame import Frame
from lockstep.scoring.errors import RequestError
from lockstep.scoring.kinds import MALFORMED

FRAMES = (BodyForm(("dataframe_split",)), BodyForm(("columns", "data"), ("index",)))


class SeriesBody(msgspec.Struct, forbid_unknown_fields=True):
    """A frame as the members `columns`, `data` and `index` or inside `dataframe_split`, the model and the series."""

    columns: ColumnNames | None = None
    data: CellTable | None = None
    index: CellRow | None = None
    dataframe_split: Frame | None = None
    model: str | None = None
    version: int | str | None = None
    symbol: str | None = None

    @property
    def n_members(self) -> int:
        """Return how many members the body has at least: one that has its default may have been left out."""
        pairs = zip(msgspec.structs.astuple(self), self.__struct_defaults__, strict=True)
        n_own = sum(member != default for member, default in pairs)
        return n_own if self.dataframe_split is None else n_own + self.dataframe_split.n_members

    @property
    def has_frame(self) -> bool:
        """Return whether the body holds a frame, or a part of one."""
        members = (self.dataframe_split, self.columns, self.data, self.index)
        return any(member is not None for member in members)

    @property
    def frame(self) -> Frame:
        """Return the frame, wherever it is in the body; raise `RequestError`."""
        inside, is_own = self.dataframe_split, not (self.columns is None and self.data is None and self.index is None)
        if inside is not None and not is_own:
            return inside
        if inside is None and self.columns is not None and self.data is not None:
            return Frame(self.columns, self.data, self.index)
        detail = "expected a frame: `columns` and `data` (and `index`), or all of it inside `dataframe_split`"
        raise RequestError(MALFORMED, detail)
