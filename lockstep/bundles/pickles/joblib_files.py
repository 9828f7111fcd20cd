"""Files of joblib: a pickle, maybe compressed, between whose opcodes the arrays lie as they are in memory."""

import bz2
import lzma
import zlib
from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any

import numpy as np

from lockstep.bundles.pickles.recipes import NO_ARRAY_CLASS, check_shape
from lockstep.bundles.pickles.strict import StrictUnpickler

MAX_BYTES = 2**31
WRAPPER = ("joblib.numpy_pickle", "NumpyArrayWrapper")
ALIGNMENT = "numpy_array_alignment_bytes"
GZIP_WINDOW = 31
COMPRESSIONS: dict[bytes, Callable[[], Any]] = {
    b"\x78": zlib.decompressobj,
    b"\x1f\x8b": lambda: zlib.decompressobj(GZIP_WINDOW),
    b"BZh": bz2.BZ2Decompressor,
    b"\xfd7zXZ": lzma.LZMADecompressor,
    b"\x5d\x00": lzma.LZMADecompressor,
}
"""What reads a file that begins with these bytes."""


def decompress(content: bytes) -> bytes:
    """Return the pickle in `content`, which may be compressed as joblib does; raise ValueError for one too large."""
    open_stream = next((make for start, make in COMPRESSIONS.items() if content.startswith(start)), None)
    if open_stream is None:
        return content
    try:
        found: bytes = open_stream().decompress(content, MAX_BYTES)
    except (OSError, zlib.error, lzma.LZMAError, EOFError) as error:
        raise ValueError(f"the compressed bytes are damaged: {error}") from error
    if len(found) == MAX_BYTES:
        raise ValueError(f"more than {MAX_BYTES} bytes when decompressed")
    return found


class _Wrapper:
    """Says what array follows in the file."""


class JoblibUnpickler(StrictUnpickler):
    """Reads a pickle or a file of joblib, under the same rules."""

    def __init__(self, file: BytesIO, trusted: Mapping[str, object]) -> None:
        super().__init__(file, trusted)
        self._file = file

    def find_class(self, module_name: str, global_name: str) -> object:
        """Return joblib's announcement of an array, or what a strict unpickler finds."""
        if (module_name, global_name) == WRAPPER:
            self._classes.add(_Wrapper)
            return _Wrapper
        return super().find_class(module_name, global_name)

    def build(self) -> None:
        """Give the newest object its state; put the array in the place of its announcement."""
        super().build()
        if isinstance(self.stack[-1], _Wrapper):
            self.stack[-1] = self._read_array(vars(self.stack[-1]))

    def _read_array(self, announced: Mapping[str, Any]) -> np.ndarray:
        shape, dtype = check_shape(announced["shape"]), announced["dtype"]
        if announced["subclass"] is not NO_ARRAY_CLASS or not isinstance(dtype, np.dtype):
            raise ValueError("only plain arrays are read")
        if dtype.itemsize == 0:
            raise ValueError("an array of items without bytes")
        if dtype.hasobject:
            array = StrictUnpickler(self._file, self.trusted).load()
            if not isinstance(array, np.ndarray) or array.shape != shape:
                raise ValueError("an array of objects has another shape than announced")
            return array
        if announced.get(ALIGNMENT) is not None:
            self._file.read(self._file.read(1)[0])
        size = int(np.prod(shape, dtype=object)) * dtype.itemsize
        content = bytearray(self._file.read(size))
        if len(content) != size:
            raise EOFError("the file ends within an array")
        array = np.frombuffer(content, dtype)
        return array.reshape(shape[::-1]).T if announced["order"] == "F" else array.reshape(shape)
