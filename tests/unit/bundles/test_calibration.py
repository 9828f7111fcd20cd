from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.svm import LinearSVC

from lockstep.bundles.calibration import measure_intervals, measure_reliability
from lockstep.bundles.evaluation import Y_TRUE
from lockstep.bundles.table import TableBundle
from lockstep.training.table_rows import TableRecipe
from lockstep.worth.conformal import measure_coverage
from lockstep.worth.reliability import tabulate
from tests.small_tables import load_saved, make_gaps, save_table


@pytest.fixture(scope="module")
def numbers(tmp_path_factory: pytest.TempPathFactory) -> TableBundle:
    folder = tmp_path_factory.mktemp("tables")
    return load_saved(save_table(folder, make_gaps().without("is_dear"), TableRecipe("values", "value", Ridge())))


@pytest.mark.parametrize(("estimator", "n_tables"), [(LogisticRegression(), 1), (LinearSVC(), 0)])
def test_probabilities_of_the_held_out_rows_are_tabulated_if_there_are_any(
    estimator: LogisticRegression | LinearSVC, n_tables: int, tmp_path: Path
) -> None:
    saved = save_table(tmp_path, make_gaps().without("value"), TableRecipe("sales", "is_dear", estimator))
    bundle = load_saved(saved)
    cells = bundle.evaluation.cells
    expected = [tabulate("dear", cells["proba:dear"], cells[Y_TRUE] == "dear") for _ in range(n_tables)]
    assert measure_reliability(bundle) == expected
    assert measure_intervals(bundle) == []


def test_intervals_of_numbers_are_measured_on_the_held_out_rows(numbers: TableBundle) -> None:
    found = measure_intervals(numbers)
    assert found == measure_coverage(numbers.evaluation.y_true, numbers.evaluation.y_pred)
    assert [each.level for each in found] == [50, 80, 90, 95]
    assert measure_reliability(numbers) == []


def test_rows_that_have_not_come_true_are_left_out(numbers: TableBundle) -> None:
    known, evaluation = np.arange(60) % 3 != 0, numbers.evaluation
    y_true = np.where(known, evaluation.y_true, np.nan)
    partly = replace(numbers, evaluation=replace(evaluation, cells={**evaluation.cells, Y_TRUE: y_true}))
    assert measure_intervals(partly) == measure_coverage(evaluation.y_true[known], evaluation.y_pred[known])
