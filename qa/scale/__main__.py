"""`python -m qa.scale`, from the root of the project."""

import argparse
import sys
from pathlib import Path

from rich.console import Console

from qa.errors import RunFailed
from qa.promises import try_promises
from qa.scale.measurements import measure
from qa.scale.page import write_page
from qa.scale.replicas import PROMISES

DESCRIPTION = """Measure the inputs of the capacity model and write the tables of docs/scale.md; then try what several
services share. Loopback only; about three minutes. The exit code is 1 if something could not be measured, or
if services share what the page says they do not."""


def main(arguments: list[str]) -> int:
    """Run everything; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m qa.scale", description=DESCRIPTION)
    parser.add_argument(
        "--web-python", type=Path, default=Path(".venv-web/bin/python"), help="as for qa.bench; default %(default)s"
    )
    asked, progress = parser.parse_args(arguments), Console(stderr=True)
    try:
        with progress.status("starting") as status:
            write_page(measure(asked.web_python.absolute(), status.update))
    except RunFailed as error:
        progress.print(str(error), markup=False, highlight=False)
        return 1
    return try_promises("make scale", PROMISES)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
