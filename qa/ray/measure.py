"""`python -m qa.ray.measure faults`, or `figures`, from the root of the project."""

import sys
from pathlib import Path

from qa.errors import RunFailed
from qa.ray.faults import inflict_all
from qa.ray.figures import measure_figures
from qa.ray.page import write_faults, write_figures

WEB_PYTHON = Path(".venv-web/bin/python")
COMMANDS = ("faults", "figures")


def main(arguments: list[str]) -> int:
    """Measure one or the other and write it into the page; return 1 if a promise was broken, 2 for a wrong word."""
    if len(arguments) != 1 or arguments[0] not in COMMANDS:
        print(f"usage: python -m qa.ray.measure {'|'.join(COMMANDS)}", file=sys.stderr)
        return 2
    try:
        if arguments == ["figures"]:
            write_figures(measure_figures(WEB_PYTHON.absolute()))
            return 0
        results = inflict_all()
    except RunFailed as error:
        print(error, file=sys.stderr)
        return 1
    write_faults(results)
    return 1 if any(result.list_broken() for result in results) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
