"""Where a process listens, whatever option of its server opened the sockets."""

import os
import socket
from collections.abc import Iterable, Iterator


def list_hosts(descriptors: Iterable[int]) -> Iterator[str]:
    """Yield the host that each listening socket is bound to, `unix:PATH` for one of the file system."""
    for descriptor in descriptors:
        with socket.socket(fileno=os.dup(descriptor)) as listener:
            address = listener.getsockname()
        yield address[0] if isinstance(address, tuple) else f"unix:{address}"
