"""`python -m qa.matrix`, from the root of the project."""

import sys
import time
from pathlib import Path

from rich.console import Console

from lockstep.bundles.reading import load_series
from qa.default_bundle import DEFAULT_BUNDLE
from qa.environments import make_environment
from qa.errors import RunFailed
from qa.matrix.cells import Cell, choose_cells
from qa.matrix.probe import ask_facts
from qa.matrix.pythons import find_pythons
from qa.matrix.report import exit_code, make_table, summarise
from qa.matrix.run import NOT_RUN, Outcome, run_cell
from qa.servers import ROOT, make_environ

TABLE_WIDTH = 150
ENVIRONMENTS, LOCK = ROOT / ".venv-matrix", ROOT / "requirements" / "web.txt"


def main() -> int:
    """Run every cell in turn and print the table; return the exit code."""
    progress, output, started = Console(stderr=True, highlight=False), Console(width=TABLE_WIDTH), time.monotonic()
    python, bundle = Path(sys.executable), load_series(DEFAULT_BUNDLE)
    others: dict[str, Path] = {}
    outcomes: list[Outcome] = []
    for version, found in find_pythons().items():
        progress.print(f"Python {version} at {found}: environment")
        try:
            others[version] = make_environment(ENVIRONMENTS / version, found, LOCK)
        except RunFailed as error:
            outcomes.append(Outcome(Cell(f"Python {version}", found), NOT_RUN, 0.0, reason=str(error)))
    cells = choose_cells(ask_facts(python, make_environ({})), python, others)
    for place, cell in enumerate(cells, 1):
        progress.print(f"{place} of {len(cells)}: {cell.name}")
        outcomes.append(run_cell(cell, bundle))
    output.print(make_table(outcomes))
    output.print(f"{summarise(outcomes)}, in {time.monotonic() - started:.0f} s", highlight=False)
    return exit_code(outcomes)


if __name__ == "__main__":
    sys.exit(main())
