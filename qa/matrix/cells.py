"""The cells: every axis varied alone, and everything at its least at once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from qa.matrix.probe import Facts, NotInForce
from qa.service import WORKERS

DISABLE_SIMD = "NPY_DISABLE_CPU_FEATURES"
KERNEL = "OPENBLAS_CORETYPE"
N_WORKERS = "WEB_CONCURRENCY"
KERNELS = {"SkylakeX": "SkylakeX", "Haswell": "Haswell", "Sandybridge": "Sandybridge", "Prescott": "Katmai"}
"""What OpenBLAS is asked for and what it then calls itself: Prescott's table is filed under its oldest member."""

OLDEST_KERNEL = "Prescott"
FEW, MANY = 1, 4


@dataclass(frozen=True)
class Cell:
    """A cell of the matrix: its name, its Python, and the variables added to the default environment.

    The service runs under gunicorn, or on Ray Serve.
    """

    name: str
    python: Path
    environ: Mapping[str, str] = field(default_factory=dict)
    is_on_ray: bool = False

    @property
    def workers(self) -> int:
        """Return how many workers have to run."""
        return int(self.environ.get(N_WORKERS, WORKERS))

    def check(self, facts: Facts) -> None:
        """Raise `NotInForce` where a process of this environment is not what the cell stands for."""
        if still := set(self.environ.get(DISABLE_SIMD, "").split()) & set(facts.simd):
            raise NotInForce(f"{', '.join(sorted(still))} still in force")
        asked = self.environ.get(KERNEL)
        if asked and set(facts.kernels) != {KERNELS[asked]}:
            raise NotInForce(f"OpenBLAS runs {', '.join(facts.kernels) or 'nothing'} where {asked} was asked for")


def choose_cells(default: Facts, python: Path, others: Mapping[str, Path]) -> list[Cell]:
    """Return the cells for a machine whose default environment is `default`; `others` are Pythons by version."""
    cells = [Cell("default", python)]
    levels = default.simd
    for lowest in range(len(levels) - 1, -1, -1):
        off = levels[lowest:]
        cells.append(Cell(f"without {', '.join(off)}", python, {DISABLE_SIMD: " ".join(off)}))
    cells += [Cell(f"OpenBLAS {kernel}", python, {KERNEL: kernel}) for kernel in KERNELS]
    cells += [Cell(f"workers: {count}", python, {N_WORKERS: str(count)}) for count in (FEW, MANY)]
    cells += [Cell(f"Python {version}", path) for version, path in others.items()]
    least = {DISABLE_SIMD: " ".join(levels), KERNEL: OLDEST_KERNEL, N_WORKERS: str(MANY)}
    return [*cells, Cell("everything at once", [python, *others.values()][-1], least)]
