"""The posted tensors: shapes and sizes are checked before anything is made of them, then they are a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from lockstep.data.cells import MAX_SHOWN_CHARACTERS, Cells
from lockstep.data.table import MAX_SHOWN_NAMES
from lockstep.doors.body import TABLE_EXTENT
from lockstep.doors.oip.binary import split_tensors
from lockstep.doors.oip.columns import Columns, check_datatypes, list_columns
from lockstep.doors.oip.datatypes import BYTES, DATATYPES, ELEMENTS
from lockstep.doors.oip.tensor import Tensor
from lockstep.doors.oip.wire import RequestInput
from lockstep.errors import InvalidInput, Problem
from lockstep.scoring.errors import RequestError
from lockstep.scoring.kinds import MALFORMED, TOO_LARGE
from lockstep.scoring.score import Schema

SHAPES = "[n] or [n, 1] for one column, or one tensor of [n, k] for all k columns"


@dataclass(frozen=True)
class TensorTable:
    """Tensors of the same number of rows: one for each column, or one for all in the order of the Schema."""

    tensors: Sequence[Tensor]

    def __len__(self) -> int:
        return self.tensors[0].shape[0]

    def read_columns(self, schema: Schema) -> tuple[list[str] | None, list[Cells]]:
        """Return the names and the cells of the columns; raise `InvalidInput` if they make no table."""
        if not len(self):
            raise InvalidInput([Problem(None, "inputs", "no rows; expected at least one")])
        first, columns = self.tensors[0], list_columns(schema)
        is_named = first.name in columns or (len(first.shape) == 1 and len(columns) == 1)
        if len(self.tensors) == 1 and (first.n_columns != 1 or not is_named):
            names = _fit_columns(first, columns)
            check_datatypes(columns, dict.fromkeys(names, first.datatype))
            return None, first.read(names)
        _check_columns(self.tensors)
        check_datatypes(columns, {tensor.name: tensor.datatype for tensor in self.tensors})
        cells = [tensor.read([tensor.name[:MAX_SHOWN_CHARACTERS]])[0] for tensor in self.tensors]
        return [tensor.name for tensor in self.tensors], cells


def read_tensors(inputs: Sequence[RequestInput], octets: memoryview, max_rows: int) -> TensorTable:
    """Return the tensors, their elements still as posted; raise `RequestError` or `InvalidInput`."""
    for each in inputs:
        _check_form(each, max_rows)
    limit = TABLE_EXTENT.per_row * max_rows + TABLE_EXTENT.beside
    if sum(each.n_elements for each in inputs) > limit:
        raise RequestError(TOO_LARGE, f"more than {limit} elements; this service takes {max_rows} rows in one request")
    contents = [_read_content(*each) for each in zip(inputs, split_tensors(inputs, octets), strict=True)]
    n_rows = inputs[0].dimensions[0]
    for each in inputs:
        if each.dimensions[0] != n_rows:
            raise _refuse(each, f"{each.dimensions[0]} rows, but the first tensor has {n_rows}")
    posted = zip(inputs, contents, strict=True)
    return TensorTable([Tensor(each.name, each.datatype, each.dimensions, content) for each, content in posted])


def _check_form(posted: RequestInput, max_rows: int) -> None:
    """Raise `RequestError` for a datatype or a shape that is not taken, whatever follows."""
    named = f"the tensor {posted.name[:MAX_SHOWN_CHARACTERS]!r}"
    if posted.datatype not in DATATYPES:
        shown = posted.datatype[:MAX_SHOWN_CHARACTERS]
        raise RequestError(MALFORMED, f"{named} is of {shown!r}; expected one of {', '.join(DATATYPES)}")
    if len(posted.shape) not in (1, 2):
        raise RequestError(MALFORMED, f"{named} has the shape {_show_shape(posted.shape)}; expected {SHAPES}")
    if posted.dimensions[0] > max_rows:
        rows = f"{posted.dimensions[0]}"[:MAX_SHOWN_CHARACTERS]
        raise RequestError(TOO_LARGE, f"{rows} rows; this service takes {max_rows} in one request")


def _read_content(posted: RequestInput, octets: memoryview | None) -> list[Any] | memoryview:
    """Return the elements, or their bytes; raise `InvalidInput` unless there are as many as the shape says."""
    if (octets is None) == (posted.data is None):
        raise _refuse(posted, f"{'neither' if octets is None else 'both'} of `data` and binary_data_size")
    if octets is None:
        elements = _flatten(posted.data or [], posted.dimensions)
        if elements is None or len(elements) != posted.n_elements:
            n_values = len(posted.data or []) if elements is None else len(elements)
            counted = f"{n_values} {'rows' if elements is None else 'values'}"
            raise _refuse(posted, f"the data are not of the shape {_show_shape(posted.dimensions)}: {counted}")
        return elements
    size = None if posted.datatype == BYTES else posted.n_elements * ELEMENTS[posted.datatype].itemsize
    if size not in (None, len(octets)):
        shape = _show_shape(posted.dimensions)
        raise _refuse(posted, f"{len(octets)} bytes; {posted.datatype} of the shape {shape} has {size}")
    return octets


def _flatten(data: list[Any], shape: Sequence[int]) -> list[Any] | None:
    """Return the elements of flat or nested data, row by row; None if the rows are not of the shape."""
    if len(shape) == 1 or set(map(type, data)) != {list}:
        return data
    fits = len(data) == shape[0] and set(map(len, data)) == {shape[1]}
    return list(chain.from_iterable(data)) if fits else None


def _show_shape(shape: Sequence[float]) -> str:
    return f"{[*map(int, shape[:4])]}"[:MAX_SHOWN_CHARACTERS]


def _refuse(posted: RequestInput | Tensor, reason: str) -> InvalidInput:
    return InvalidInput([Problem(None, posted.name[:MAX_SHOWN_CHARACTERS], reason)])


def _fit_columns(matrix: Tensor, columns: Columns) -> list[str]:
    """Return the names of the columns; raise `InvalidInput` if the matrix has more or fewer."""
    if matrix.n_columns == len(columns):
        return list(columns)
    listed = ", ".join(list(columns)[:MAX_SHOWN_NAMES]) + (", …" if len(columns) > MAX_SHOWN_NAMES else "")
    expected = f"expected [n, {len(columns)}], the columns in this order: {listed}"
    raise _refuse(matrix, f"the shape is {_show_shape(matrix.shape)}; {expected}")


def _check_columns(tensors: Sequence[Tensor]) -> None:
    for tensor in tensors:
        if tensor.n_columns != 1:
            raise _refuse(tensor, f"the shape is {_show_shape(tensor.shape)}; expected {SHAPES}")
