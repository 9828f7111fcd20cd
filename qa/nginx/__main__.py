"""`python -m qa.nginx`, from the root of the project."""

import sys
import time

from qa.errors import RunFailed
from qa.nginx.composition import accept_compose_file
from qa.nginx.machine import accept_unit, accept_user_data
from qa.nginx.own_errors import answer_for_a_silent_service, refuse_as_the_service_does, refuse_strangers
from qa.nginx.passing import pass_on
from qa.nginx.promises import PROMISES
from qa.nginx.walk import follow_the_readme, pass_parity

OF_EXAMPLES = (
    accept_compose_file,
    accept_user_data,
    accept_unit,
    refuse_as_the_service_does,
    refuse_strangers,
    answer_for_a_silent_service,
    pass_on,
    follow_the_readme,
    pass_parity,
)


def main() -> int:
    """Try every promise and print the result of each; return 1 if one was broken, or not tried for want of a tool."""
    failed = 0
    missing: dict[str, None] = {}
    for promise in (*PROMISES, *OF_EXAMPLES):
        started = time.monotonic()
        try:
            found = promise()
        except RunFailed as error:
            found, verdict, missing[str(error)] = [], "MISSING", None
        else:
            verdict = "BROKEN" if found else "kept"
        failed += verdict != "kept"
        said = str(promise.__doc__).removeprefix("Show that ")
        print(f"{verdict:<7} {said} ({time.monotonic() - started:.0f} s)", flush=True)
        for line in found:
            print(f"        {line}")
    for line in missing:
        print(f"make nginx: {line}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
