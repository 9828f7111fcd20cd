"""Where gunicorn's workers leave a sign of life: in a file that each holds open, and that has no name."""

import tempfile
from pathlib import Path

SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 -- a file there is made by mkstemp, and ours alone


def find_heartbeat_folder() -> str:
    """Return a folder in memory if there is one that takes a file: a slow disk would stop a healthy worker."""
    try:
        with tempfile.TemporaryFile(dir=SHARED_MEMORY):
            return str(SHARED_MEMORY)
    except OSError:
        return tempfile.gettempdir()
