"""`python -m qa.nginx`, from the root of the project."""

import sys
import time

from qa.errors import RunFailed
from qa.nginx.promises import PROMISES
from qa.nginx.proxy import find_nginx


def main() -> int:
    """Try every promise behind a real nginx and print the result of each; return 1 if one was broken or not tried."""
    broken = 0
    try:
        nginx = find_nginx()
        for promise in PROMISES:
            started = time.monotonic()
            found = promise(nginx)
            broken += bool(found)
            verdict, said = "BROKEN" if found else "kept", str(promise.__doc__).removeprefix("Show that ")
            print(f"{verdict:<7} {said} ({time.monotonic() - started:.0f} s)", flush=True)
            for line in found:
                print(f"        {line}")
    except RunFailed as error:
        print(f"make nginx: {error}", file=sys.stderr)
        return 1
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
