"""`python -m qa.bench`, from the root of the project."""

import argparse
import os
import sys
import time
from pathlib import Path

from rich.console import Console

from qa.bench.baseline import SHORT
from qa.bench.figures import judge
from qa.bench.measurements import measure
from qa.bench.page import write_json, write_page
from qa.bench.plan import FULL, QUICK
from qa.bench.report import make_figure_table, make_load_table
from qa.errors import RunFailed

DESCRIPTION = f"""Measure this service (b) beside a Flask echo (a), the blog-post way (c) and commit {SHORT} (d), in one
run: 2 workers each, the same CPython, 1 and 961 rows, 1 and 16 connections, loopback only; (a) and (c) under gunicorn's
threaded worker with 4 threads. Then a table of flowers (e) beside its blog-post way (f), launches, memory, commands,
cores, and how the time of a request grows. A full run takes about five minutes, the first one longer: it installs (d)
into .baseline. It writes docs/bench.md and docs/bench.svg. Other load on the machine spoils the figures. The exit
code is 0 once everything is measured, whatever the figures are, and 1 if a server failed or (d) is not there."""

TABLE_WIDTH = 118
MAKE_ENVIRONMENT = "python3 -m venv .venv-web && .venv-web/bin/pip install --require-hashes -r requirements/web.txt"


def parse_arguments(arguments: list[str]) -> argparse.Namespace:
    """Return the parsed command line."""
    parser = argparse.ArgumentParser(prog="python -m qa.bench", description=DESCRIPTION)
    parser.add_argument(
        "--web-python",
        type=Path,
        default=Path(".venv-web/bin/python"),
        help="Python of an environment with requirements/web.txt, for (a) and (b); default %(default)s",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures and every sample there")
    parser.add_argument(
        "--quick", action="store_true", help="a short run: the figures are rough, and the page is left as it is"
    )
    return parser.parse_args(arguments)


def main(arguments: list[str]) -> int:
    """Run the benchmark and print it; return the exit code."""
    asked = parse_arguments(arguments)
    progress, output = Console(stderr=True), Console(width=TABLE_WIDTH)
    if not asked.web_python.exists():
        progress.print(f"{asked.web_python} is not there; make it: {MAKE_ENVIRONMENT}")
        return 1
    started, load_average = time.monotonic(), os.getloadavg()[0]
    try:
        with progress.status("starting") as status:
            measurements = measure(QUICK if asked.quick else FULL, asked.web_python.absolute(), status.update)
    except RunFailed as error:
        progress.print(str(error), markup=False, highlight=False)
        return 1
    figures = judge(measurements)
    output.print(make_load_table(measurements), make_figure_table(figures))
    output.print(f"measured in {time.monotonic() - started:.0f} s; load average before the run {load_average:.2f}")
    if not asked.quick:
        write_page(measurements, figures)
    if asked.json:
        write_json(asked.json, measurements, figures)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
