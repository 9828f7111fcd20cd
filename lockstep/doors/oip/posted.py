"""The posted tensors: shapes and sizes are checked before anything is made of them, then they are a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from lockstep.data.schema import MAX_SHOWN_CHARACTERS, Cells
from lockstep.doors.body import TABLE_EXTENT
from lockstep.doors.oip.binary import show_name, split_tensors
from lockstep.doors.oip.columns import check_datatypes, list_columns
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
        if len(self.tensors) == 1 and len(first.shape) == 2 and (first.n_columns != 1 or first.name not in columns):
            names = list(columns) if len(columns) == first.n_columns else first.number_columns()
            check_datatypes(columns, dict.fromkeys(names, first.datatype))
            return None, first.read(names)
        _check_columns(self.tensors)
        check_datatypes(columns, {tensor.name: tensor.datatype for tensor in self.tensors})
        return [tensor.name for tensor in self.tensors], [tensor.read([tensor.name])[0] for tensor in self.tensors]


def read_tensors(inputs: Sequence[RequestInput], octets: memoryview, max_rows: int) -> TensorTable:
    """Return the tensors, their elements still as posted; raise `RequestError` or `InvalidInput`."""
    for each in inputs:
        _check_size(each, max_rows)
    limit = TABLE_EXTENT.per_row * max_rows + TABLE_EXTENT.beside
    if sum(map(_count_elements, inputs)) > limit:
        raise RequestError(TOO_LARGE, f"more than {limit} elements; this service takes {max_rows} rows in one request")
    contents = zip(inputs, split_tensors(inputs, octets), strict=True)
    tensors = [Tensor(each.name, each.datatype, tuple(each.shape), _read_content(each, own)) for each, own in contents]
    first = tensors[0]
    if other := next((tensor for tensor in tensors if tensor.shape[0] != first.shape[0]), None):
        reason = f"{other.shape[0]} rows, but {show_name(first.name)} has {first.shape[0]}"
        raise InvalidInput([Problem(None, other.name[:MAX_SHOWN_CHARACTERS], reason)])
    return TensorTable(tensors)


def _check_size(posted: RequestInput, max_rows: int) -> None:
    """Raise `RequestError` for a datatype or a shape that is not taken, however little follows."""
    if posted.datatype not in DATATYPES:
        detail = f"the datatype {show_name(posted.datatype)}; expected one of {', '.join(DATATYPES)}"
        raise RequestError(MALFORMED, f"the tensor {show_name(posted.name)} has {detail}")
    if len(posted.shape) not in (1, 2) or min(posted.shape) < 0:
        shown = f"{posted.shape[:4]}"[:MAX_SHOWN_CHARACTERS]
        raise RequestError(MALFORMED, f"the tensor {show_name(posted.name)} has the shape {shown}; expected {SHAPES}")
    if posted.shape[0] > max_rows:
        shown = f"{posted.shape[0]}"[:MAX_SHOWN_CHARACTERS]
        raise RequestError(TOO_LARGE, f"{shown} rows; this service takes {max_rows} in one request")


def _count_elements(posted: RequestInput) -> int:
    return posted.shape[0] * (posted.shape[1] if len(posted.shape) == 2 else 1)


def _read_content(posted: RequestInput, octets: memoryview | None) -> list[Any] | memoryview:
    """Return the elements, or their bytes; raise `RequestError` unless there are as many as the shape says."""
    n_elements, named = _count_elements(posted), f"the tensor {show_name(posted.name)}"
    if (octets is None) == (posted.data is None):
        raise RequestError(MALFORMED, f"{named} has {'no' if octets is None else 'both'} `data` or binary_data_size")
    if octets is not None:
        if posted.datatype != BYTES and len(octets) != n_elements * ELEMENTS[posted.datatype].itemsize:
            detail = f"{n_elements * ELEMENTS[posted.datatype].itemsize} bytes by its shape and datatype"
            raise RequestError(MALFORMED, f"{named} has {detail}, but a binary_data_size of {len(octets)}")
        return octets
    elements = _flatten(posted.data or [], posted.shape)
    if elements is None or len(elements) != n_elements:
        raise RequestError(MALFORMED, f"the data of {named} are not {n_elements} elements, as its shape says")
    return elements


def _flatten(data: list[Any], shape: Sequence[int]) -> list[Any] | None:
    """Return the elements of flat or nested data, row by row; None if the rows are not of the shape."""
    if len(shape) == 1 or not data or set(map(type, data)) != {list}:
        return data
    fits = len(data) == shape[0] and set(map(len, data)) == {shape[1]}
    return list(chain.from_iterable(data)) if fits else None


def _check_columns(tensors: Sequence[Tensor]) -> None:
    wide = [tensor for tensor in tensors if tensor.n_columns != 1]
    if wide:
        shapes = [(tensor.name[:MAX_SHOWN_CHARACTERS], f"the shape is {[*tensor.shape]}") for tensor in wide]
        raise InvalidInput([Problem(None, name, f"{shape}; expected {SHAPES}") for name, shape in shapes])
