"""The arrays of a panel: `.npy` files of records, which are written and read one series at a time.

A part of a file is read by its place, not mapped into memory: a file that somebody cuts off is then an error, not the
end of the process, and what was digested is what is served. The page cache of the machine is shared all the same.
"""

import os
import stat
import struct
import weakref
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from lockstep.data.bars import VALUE_COLUMNS
from lockstep.errors import InvalidBundle

Records = NDArray[Any]
MAGIC = b"\x93NUMPY\x01\x00"
ALIGNMENT = 64
LARGEST_COUNT = 10**19
"""Room for it is left in a header, so that the number of rows is written when all rows are."""


def bars_dtype(n_columns: int) -> np.dtype[Any]:
    """Return the record of a bar: its prices, and its volume if there are five columns."""
    return np.dtype([(name, "<f8") for name in VALUE_COLUMNS[:n_columns]])


def write_header(dtype: np.dtype[Any], n_rows: int) -> bytes:
    """Return the header of a `.npy` file of records; its length does not depend on `n_rows`."""
    members = "{{'descr': {!r}, 'fortran_order': False, 'shape': ({},), }}"
    descr = np.lib.format.dtype_to_descr(dtype)
    needed = len(MAGIC) + 2 + len(members.format(descr, LARGEST_COUNT)) + 1
    length = -(-needed // ALIGNMENT) * ALIGNMENT - len(MAGIC) - 2
    text = members.format(descr, n_rows).ljust(length - 1) + "\n"
    return MAGIC + struct.pack("<H", length) + text.encode("latin1")


class ArrayWriter:
    """A `.npy` file of records that grows; a context that syncs and closes it."""

    def __init__(self, path: Path, dtype: np.dtype[Any]) -> None:
        self.dtype, self.n_rows = dtype, 0
        self._file = path.open("xb")
        self._file.write(write_header(dtype, LARGEST_COUNT))

    def append(self, records: Records) -> bytes:
        """Write some records, and return their bytes."""
        content = np.ascontiguousarray(records, self.dtype).tobytes()
        self._file.write(content)
        self.n_rows += records.size
        return content

    def finish(self) -> None:
        """Write how many records there are, and sync the file."""
        self._file.seek(0)
        self._file.write(write_header(self.dtype, self.n_rows))
        self._file.flush()
        os.fsync(self._file.fileno())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()


class ArrayFile:
    """An open `.npy` file of `n_rows` records; raise `InvalidBundle` for any other file.

    The header is compared byte for byte, not read: nothing in it chooses a type, an order or a length.
    """

    def __init__(self, path: Path, dtype: np.dtype[Any], n_rows: int) -> None:
        self.name, self.dtype = path.name, dtype
        try:
            self._descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)  # a pipe would wait
        except OSError as error:
            raise InvalidBundle(f"{self.name} cannot be read: {error.strerror}") from error
        weakref.finalize(self, os.close, self._descriptor)
        self._header = write_header(dtype, n_rows)
        found, expected = os.fstat(self._descriptor), len(self._header) + n_rows * dtype.itemsize
        if not stat.S_ISREG(found.st_mode):
            raise InvalidBundle(f"{self.name} cannot be read: it is no regular file; restore the file or train again")
        if found.st_size != expected:
            raise InvalidBundle(
                f"{self.name} has {found.st_size} bytes; {expected} are those of {n_rows} rows: restore the file or "
                "train again"
            )
        if os.pread(self._descriptor, len(self._header), 0) != self._header:
            raise InvalidBundle(
                f"{self.name} has another header than an array of {n_rows} rows of {', '.join(dtype.names or ())}; "
                "restore the file or train again"
            )

    def read(self, start: int, n_rows: int) -> bytes:
        """Return the bytes of some records; raise `InvalidBundle` if the file ends before, and OSError."""
        size = n_rows * self.dtype.itemsize
        content = os.pread(self._descriptor, size, len(self._header) + start * self.dtype.itemsize)
        if len(content) != size:
            raise InvalidBundle(f"{self.name} was cut off since it was opened; restore the file or train again")
        return content
