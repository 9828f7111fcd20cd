"""A cell of `make parity-matrix`, with the service as it is and with one that is wrong in that cell alone."""

import sys
from pathlib import Path

import pytest

from lockstep.bundles.reading import load_bundle
from qa.default_bundle import DEFAULT_BUNDLE
from qa.families import train_family
from qa.matrix.cells import DISABLE_SIMD, KERNEL, N_WORKERS, Cell
from qa.matrix.families import describe_families
from qa.matrix.probe import ask_facts
from qa.matrix.report import exit_code
from qa.matrix.run import EQUAL, FAILED, Bundles, run_cell
from qa.servers import make_environ
from tests.conftest import ROOT

PYTHON = Path(sys.executable)
WRONG_WITHOUT_SIMD = f"""
import os
if os.environ.get("{DISABLE_SIMD}"):
    import numpy as np
    import lockstep.doors.plain
    encode = lockstep.doors.plain.encode_predictions
    lockstep.doors.plain.encode_predictions = lambda values: encode(np.nextafter(values, 2.0))
"""


@pytest.fixture(scope="module")
def least() -> dict[str, str]:
    """The environment in which NumPy and OpenBLAS use the least of the processor."""
    return {DISABLE_SIMD: " ".join(ask_facts(PYTHON, make_environ({})).simd), KERNEL: "Prescott", N_WORKERS: "1"}


@pytest.fixture(scope="module")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> Bundles:
    """The default bundle, a classifier of a series, and a table."""
    folder = tmp_path_factory.mktemp("models")
    families = [train_family(name, folder) for name in ("direction-logistic", "table-hist-boosting")]
    return {each: load_bundle(each) for each in (DEFAULT_BUNDLE, *families)}


def test_a_cell_unlike_the_default_is_run_and_equal(bundles: Bundles, least: dict[str, str]) -> None:
    outcome = run_cell(Cell("least", PYTHON, least), bundles)
    assert (outcome.verdict, outcome.reason, outcome.workers) == (EQUAL, "", 1)
    assert outcome.facts is not None
    assert (outcome.facts.simd, outcome.facts.kernels) == ((), ("Katmai",))
    assert outcome.families == {"msft": EQUAL, "direction-logistic": EQUAL, "table-hist-boosting": EQUAL}
    assert outcome.compared > 10 * len(bundles[DEFAULT_BUNDLE].evaluation.keys)
    assert describe_families(bundles.values(), [outcome]) == "3 families equal in every bit"


def test_a_service_that_is_wrong_in_one_cell_makes_the_matrix_fail(
    bundles: Bundles, least: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "sitecustomize.py").write_text(WRONG_WITHOUT_SIMD)
    changed = {"PYTHONPATH": f"{tmp_path}:{ROOT}"}
    right = run_cell(Cell("default", PYTHON, changed), bundles)
    wrong = run_cell(Cell("least", PYTHON, {**least, **changed}), bundles)
    assert right.verdict == EQUAL, right.reason
    assert wrong.verdict == "DIVERGED"
    assert "msft: batch: " in wrong.reason
    assert wrong.families == {"msft": "DIVERGED", "direction-logistic": EQUAL, "table-hist-boosting": EQUAL}
    assert describe_families(bundles.values(), [right, wrong]) == "2 families equal in every bit"
    assert exit_code([right, wrong]) == 1


def test_a_service_that_does_not_start_in_a_cell_failed_and_says_why(bundles: Bundles) -> None:
    outcome = run_cell(Cell("no port", PYTHON, {"LOCKSTEP_MAX_ROWS": "many"}), bundles)
    assert outcome.verdict == FAILED
    assert "LOCKSTEP_MAX_ROWS is 'many'" in outcome.reason
