"""Read the files of a bundle: regular ones of bounded size, whatever somebody put in their place."""

import os
import stat
from pathlib import Path

from lockstep.errors import InvalidBundle

MAX_MANIFEST_BYTES = 32_000_000
"""More than the manifest of a table with 100,000 columns; reading one takes several times its size."""
MAX_FILE_BYTES = 2_000_000_000
"""More than a forest whose reading fits into the memory of a small server."""


def read_regular(path: Path, max_bytes: int = MAX_FILE_BYTES) -> bytes:
    """Return the content of a file.

    A pipe, a device or a socket is not waited for, and nothing larger than `max_bytes` is read. Raises `InvalidBundle`
    for them, and OSError if there is no file or it cannot be opened.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)  # a pipe would wait for its writer
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            kind = "folder" if stat.S_ISDIR(found.st_mode) else "pipe or device"
            raise InvalidBundle(f"{path.name} cannot be read: it is a {kind}; restore the file or train again")
        if found.st_size > max_bytes:
            raise InvalidBundle(f"{path.name} has {found.st_size} bytes; at most {max_bytes} are read")
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            content = file.read(found.st_size + 1)  # a file of /proc says that it is empty, and has no end
    finally:
        os.close(descriptor)
    if len(content) != found.st_size:
        raise InvalidBundle(f"{path.name} does not have the {found.st_size} bytes that it should have; read it again")
    return content
