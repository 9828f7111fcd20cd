"""A network of its own for a part of a run: nothing but loopback, on which every port is free.

Ray takes the address of the machine where it is told 127.0.0.1, so on the machine's own network its doors were open.
"""

import ctypes
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from qa.errors import ToolMissing

NEW_NETWORK = 0x40000000
"""CLONE_NEWNET of sched.h."""


@contextmanager
def own_network() -> Iterator[None]:
    """Put this thread, and what it starts, into a network of its own inside a `with` block; it needs to be root.

    Threads that ran before stay where they are. Raises `ToolMissing` where the kernel refuses.
    """
    before = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    try:
        _call("unshare", NEW_NETWORK)
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)  # noqa: S607 -- of iproute2
        try:
            yield
        finally:
            _call("setns", before, NEW_NETWORK)
    finally:
        os.close(before)


def _call(name: str, *arguments: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if getattr(libc, name)(*arguments) != 0:
        reason = os.strerror(ctypes.get_errno())
        raise ToolMissing(f"a network of its own is not to be had ({name}: {reason}); run it as root, on Linux")
