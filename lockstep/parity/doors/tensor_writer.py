"""The columns of a sheet as tensors of a request."""

import json
from collections.abc import Collection
from dataclasses import dataclass

from lockstep.parity.doors.sheet import Sheet
from lockstep.parity.doors.tensors import BYTES, Element, can_pack, draw_datatype, pack, write_elements
from lockstep.parity.draws import Draws


@dataclass(frozen=True)
class PostedTensor:
    """A tensor: its elements row by row, and the JSON text of each."""

    name: str
    shape: list[int]
    datatype: str
    elements: list[Element]
    texts: list[str]


def _choose_datatype(elements: list[Element]) -> str:
    """Return the datatype of a column of texts or dates, which are texts or milliseconds."""
    return "INT64" if any(isinstance(element, int) for element in elements) else BYTES


class TensorWriter:
    """Writes the columns of a sheet as tensors; the bytes of those that are not in JSON gather in `octets`."""

    def __init__(self, sheet: Sheet, draws: Draws, *, is_binary: bool) -> None:
        self.octets: list[bytes] = []
        self._sheet, self._draws, self._is_binary = sheet, draws, is_binary

    def write_columns(self, texts: Collection[str]) -> list[str]:
        """Return a tensor for each column, in any order, of shape [n] or [n, 1]; `texts` are columns of texts."""
        sheet, draws, written = self._sheet.shuffle(), self._draws, []
        for name, column in zip(sheet.names, sheet.columns, strict=True):
            elements: list[Element] = [json.loads(text) for text in column]
            datatype = draw_datatype(elements, draws) if name not in texts else _choose_datatype(elements)
            shape = [len(column), 1] if draws.chance(3) else [len(column)]
            written.append(self._write(PostedTensor(name, shape, datatype, elements, list(column))))
        return written

    def write_matrix(self) -> str:
        """Return one tensor of shape [n, k], the columns in the order of the Schema."""
        texts = [text for row in self._sheet.cells for text in row]
        elements: list[Element] = [json.loads(text) for text in texts]
        name, shape = f"input-{self._draws.below(10)}", [len(self._sheet), len(self._sheet.names)]
        return self._write(PostedTensor(name, shape, draw_datatype(elements, self._draws), elements, texts))

    def _write(self, tensor: PostedTensor) -> str:
        layout = self._sheet.layout
        members = {
            "name": layout.write_text(tensor.name),
            "shape": json.dumps(tensor.shape),
            "datatype": json.dumps(tensor.datatype),
        }
        if self._is_binary and can_pack(tensor.elements, tensor.datatype):
            self.octets.append(pack(tensor.elements, tensor.datatype))
            members["parameters"] = layout.write_object({"binary_data_size": str(len(self.octets[-1]))})
        else:
            members["data"] = layout.write_list(self._write_data(tensor))
        return layout.write_object(members)

    def _write_data(self, tensor: PostedTensor) -> list[str]:
        """Return the elements as JSON text, nested as the shape is, or flat."""
        written = list(write_elements(tensor.elements, tensor.texts, tensor.datatype))
        if len(tensor.shape) == 1 or self._draws.chance(2):
            return written
        width = tensor.shape[1]
        rows = (written[first : first + width] for first in range(0, len(written), width))
        return [self._sheet.layout.write_list(row) for row in rows]
