from pathlib import Path

import pytest

from qa.matrix.cells import DISABLE_SIMD, KERNEL, N_WORKERS, Cell, choose_cells
from qa.matrix.probe import Facts, NotInForce

HERE, NEWEST = Path("here"), Path("newest")
FACTS = Facts("3.12.1", ("X86_V3", "X86_V4", "AVX512_ICL"), ("SkylakeX",))


def test_every_axis_is_varied_alone_and_all_at_once() -> None:
    cells = choose_cells(FACTS, HERE, {"3.11.7": Path("old"), "3.13.0": NEWEST})
    assert cells[0] == Cell("default", HERE)
    assert [cell.environ[DISABLE_SIMD] for cell in cells if set(cell.environ) == {DISABLE_SIMD}] == [
        "AVX512_ICL",
        "X86_V4 AVX512_ICL",
        "X86_V3 X86_V4 AVX512_ICL",
    ]
    assert {"Haswell", "Sandybridge", "Prescott"} <= {cell.environ.get(KERNEL) for cell in cells}
    assert [cell.workers for cell in cells if set(cell.environ) == {N_WORKERS}] == [1, 4]
    assert [cell.python for cell in cells if cell.name.startswith("Python")] == [Path("old"), NEWEST]
    assert cells[-1].python == NEWEST
    assert set(cells[-1].environ) == {DISABLE_SIMD, KERNEL, N_WORKERS}


def test_a_cpu_at_the_baseline_has_no_level_to_switch_off() -> None:
    cells = choose_cells(Facts("3.12.1", (), ("Prescott",)), HERE, {})
    assert not [cell for cell in cells if cell.environ.get(DISABLE_SIMD)]
    assert cells[-1].python == HERE


@pytest.mark.parametrize(
    ("environ", "facts", "reason"),
    [
        ({DISABLE_SIMD: "X86_V4 AVX512_ICL"}, FACTS, "AVX512_ICL, X86_V4 still in force"),
        ({KERNEL: "Haswell"}, FACTS, "OpenBLAS runs SkylakeX where Haswell was asked for"),
        ({KERNEL: "Haswell"}, Facts("3.12.1", (), ("Haswell", "SkylakeX")), "runs Haswell, SkylakeX"),
        ({KERNEL: "Haswell"}, Facts("3.12.1", (), ()), "runs nothing"),
    ],
)
def test_a_cell_whose_environment_is_not_in_force_is_refused(
    environ: dict[str, str], facts: Facts, reason: str
) -> None:
    with pytest.raises(NotInForce, match=reason):
        Cell("cell", HERE, environ).check(facts)


def test_a_cell_whose_environment_is_in_force_is_taken() -> None:
    Cell("cell", HERE, {DISABLE_SIMD: "X86_V4", KERNEL: "Prescott"}).check(Facts("3.12.1", ("X86_V3",), ("Katmai",)))
