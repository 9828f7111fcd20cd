"""`python -m qa.matrix`, from the root of the project."""

import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console

from lockstep.bundles.reading import load_bundle
from qa.default_bundle import DEFAULT_BUNDLE
from qa.environments import make_environment
from qa.errors import RunFailed
from qa.families import FAMILIES
from qa.matrix.cells import Cell, choose_cells
from qa.matrix.families import describe_families, make_family_table
from qa.matrix.probe import ask_facts
from qa.matrix.pythons import find_pythons
from qa.matrix.report import exit_code, make_table, summarise
from qa.matrix.run import NOT_RUN, Bundles, Outcome, run_cells
from qa.ray.head import ENVIRONMENT
from qa.servers import ROOT, make_environ

TABLE_WIDTH = 150
ENVIRONMENTS, LOCK = ROOT / ".venv-matrix", ROOT / "requirements" / "web.txt"


def main() -> int:
    """Train a bundle of each family, run every cell and print the tables; return the exit code."""
    with tempfile.TemporaryDirectory(prefix="lockstep-matrix-") as folder:
        return run_matrix({DEFAULT_BUNDLE: load_bundle(DEFAULT_BUNDLE), **train_families(Path(folder))})


def train_families(folder: Path) -> Bundles:
    """Return the bundle of each family, trained into a folder."""
    trained = [family.train(folder) for family in FAMILIES]
    return {each: load_bundle(each) for each in trained}


def run_matrix(bundles: Bundles) -> int:
    """Run every cell with these bundles and print the tables; return the exit code."""
    progress, output, started = Console(stderr=True, highlight=False), Console(width=TABLE_WIDTH), time.monotonic()
    python = Path(sys.executable)
    others: dict[str, Path] = {}
    outcomes: list[Outcome] = []
    for version, found in find_pythons().items():
        progress.print(f"Python {version} at {found}: environment")
        try:
            others[version] = make_environment(ENVIRONMENTS / version, found, LOCK)
        except RunFailed as error:
            outcomes.append(Outcome(Cell(f"Python {version}", found), NOT_RUN, 0.0, reason=str(error)))
    cells = choose_cells(ask_facts(python, make_environ({})), python, others)
    cells.append(Cell("Ray Serve", ENVIRONMENT / "bin" / "python", is_on_ray=True))
    for place, outcome in enumerate(run_cells(cells, [*bundles]), 1):
        progress.print(f"{place} of {len(cells)}: {outcome.cell.name}, {outcome.verdict} after {outcome.seconds:.0f} s")
        outcomes.append(outcome)
    output.print(make_table(outcomes))
    output.print(make_family_table(bundles.values(), outcomes))
    shown = f"{describe_families(bundles.values(), outcomes)}: {summarise(outcomes)}"
    output.print(f"{shown}, in {time.monotonic() - started:.0f} s", highlight=False)
    return exit_code(outcomes)


if __name__ == "__main__":
    sys.exit(main())
