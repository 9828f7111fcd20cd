"""`python -m qa.batch`, from the root of the project."""

import argparse
import sys
import tempfile
from pathlib import Path

from qa.batch.faults import PROMISES
from qa.batch.figures import MOST_BEND, describe, measure, write_page
from qa.batch.on_ray import run_on_ray
from qa.errors import RunFailed
from qa.promises import try_promises

DESCRIPTION = """Kill and interrupt batch jobs, fill their disk, run one on a Ray head, then measure how fast they are.
Loopback only; at most three minutes on two quiet cores. The exit code is 1 if a promise was broken, or if
nothing could be measured."""


def main(arguments: list[str]) -> int:
    """Run everything; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m qa.batch", description=DESCRIPTION)
    parser.add_argument("--write", action="store_true", help="write the figures into docs/batch.md")
    parser.add_argument("--only", choices=["figures", "promises", "ray"], help="leave the others out")
    asked = parser.parse_args(arguments)
    promises = {"promises": PROMISES, "ray": (run_on_ray,), "figures": ()}
    chosen = [each for name, listed in promises.items() if asked.only in (None, name) for each in listed]
    code = try_promises("make batch", chosen)
    return max(code, _measure(write=asked.write) if asked.only in (None, "figures") else 0)


def _measure(*, write: bool) -> int:
    """Print the figures, and write them into the page if that is asked for; return the exit code."""
    with tempfile.TemporaryDirectory(prefix="lockstep-batch-") as folder:
        try:
            figures = measure(Path(folder))
        except RunFailed as error:
            print(error, file=sys.stderr)
            return 1
    print(describe(figures))
    if figures.bend > MOST_BEND:
        print(f"not linear: the seconds for one more series differ by {100 * figures.bend:.0f} % between the sizes")
    if write:
        write_page(describe(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
