"""Promises of the documents, tried with programs of somebody else; each is a function that returns what broke it."""

import sys
import time
from collections.abc import Callable, Iterable

from qa.errors import RunFailed, ToolMissing


def try_promises(command: str, promises: Iterable[Callable[[], list[str]]]) -> int:
    """Try every promise and print the result of each; return 1 if one was broken, or not tried for want of a tool.

    The docstring of a promise says what it shows. `command` is what the user typed.
    """
    failed = 0
    missing: dict[str, None] = {}
    for promise in promises:
        started = time.monotonic()
        try:
            found = promise()
        except ToolMissing as error:
            found, verdict, missing[error.reason] = [], "MISSING", None
        except RunFailed as error:
            found, verdict = str(error).splitlines(), "BROKEN"
        else:
            verdict = "BROKEN" if found else "kept"
        failed += verdict != "kept"
        said = str(promise.__doc__).removeprefix("Show that ")
        print(f"{verdict:<7} {said} ({time.monotonic() - started:.0f} s)", flush=True)
        for line in found:
            print(f"        {line}")
    for line in missing:
        print(f"{command}: {line}", file=sys.stderr)
    return 1 if failed else 0
