"""Whether anything can listen at the address of a service; `python -P -m lockstep.cli.free_port` is for `make run`.

gunicorn would say that a port is taken after five seconds, five times.
"""

import socket
import sys
from contextlib import suppress

from lockstep.scoring.setting import SettingsError
from lockstep.scoring.settings import Settings, read_settings

FIRST_FREE_PORT, DEFAULT_PORT, LAST_PORT = 1024, 5000, 65535
"""Below the first, only root may listen."""


def find_bind_fault(settings: Settings) -> str:
    """Return why nothing can listen at the address, empty if something can."""
    if settings.host.startswith("unix:"):
        return ""
    try:
        family, _, _, _, address = socket.getaddrinfo(
            settings.host.strip("[]"), settings.port, type=socket.SOCK_STREAM
        )[0]
        with socket.socket(family) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as gunicorn does
            listener.bind(address)
    except OSError as error:
        return f"cannot listen at {settings.bind}: {error.strerror}"
    return ""


def suggest_port(port: int) -> int:
    """Return another port than one that is taken."""
    return min(port + 1 if port >= FIRST_FREE_PORT else DEFAULT_PORT, LAST_PORT)


def main() -> int:
    """Print what to type if the port of the environment's settings is taken; return the exit code."""
    with suppress(SettingsError):  # the boot names them in the log, as for every other start
        settings = read_settings()
        if fault := find_bind_fault(settings):
            advice = f"make run PORT={suggest_port(settings.port)}"
            print(f"Error: {fault}. Choose another port: {advice}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
