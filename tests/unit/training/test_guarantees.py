"""Guarantees of outputs that scikit-learn computes, as measured."""

import pickle
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from sklearn.neural_network import MLPClassifier
from sklearn.svm import SVR

from lockstep.bundles.pickled import load_pickled
from lockstep.errors import TrainingError
from lockstep.predict.guarantees import check_guarantee, describe_kept, find_broken
from lockstep.training.guarantee_probe import describe_task, run_task
from lockstep.training.guarantees import (
    DISABLE_SIMD,
    KERNEL,
    choose_guarantee,
    list_environments,
    measure_difference,
    measure_guarantees,
)
from tests.unit.bundles.fitted_models import CELLS, NAMES, NUMBERS, TARGET

COLUMNS = ("a", "b", "c", "d")
PREDICTED = np.array([1.0, -2.0, 3.0])
LIKELY = np.array([[0.25, 0.75], [1.0, 0.0]])


@dataclass(frozen=True)
class Measured:
    guarantees: dict[str, str]
    stages: dict[str, Any]


def measure(model: Any) -> Measured:
    pickles = {"model.pkl": pickle.dumps(model, protocol=5)}
    stages = load_pickled(pickles, COLUMNS, True).predict(NUMBERS)
    return Measured(measure_guarantees(describe_task(pickles, COLUMNS, NUMBERS, True), stages), stages)


def test_a_classifier_gets_labels_and_a_tolerance_of_its_probabilities() -> None:
    model = MLPClassifier(hidden_layer_sizes=8, max_iter=300, random_state=1, solver="lbfgs").fit(NUMBERS, NAMES)
    measured = measure(model)
    assert list(measured.guarantees) == ["proba", "prediction"]
    assert measured.guarantees["prediction"] == "labels"
    check_guarantee(measured.guarantees["proba"])
    assert measured.guarantees["proba"].startswith("tolerance")


def test_the_four_processes_differ_in_kernel_and_simd() -> None:
    environments = list(list_environments())
    assert environments[0] == {}
    assert [sorted(each) for each in environments] == [[], [DISABLE_SIMD], [KERNEL], sorted([DISABLE_SIMD, KERNEL])]


@pytest.mark.parametrize(
    ("relative", "guarantee"),
    [(0.0, "tolerance 1e-12"), (9e-14, "tolerance 1e-12"), (2e-13, "tolerance 1e-11"), (5e-8, "tolerance 1e-06")],
)
def test_a_tolerance_is_ten_times_what_was_measured(relative: float, guarantee: str) -> None:
    found = [PREDICTED, PREDICTED * np.array([1.0, 1.0 + relative, 1.0])]
    assert choose_guarantee("prediction", PREDICTED, found) == guarantee
    check_guarantee(guarantee)
    assert not any(find_broken(guarantee, PREDICTED, each).any() for each in found)


def test_numbers_beyond_any_tolerance_are_refused() -> None:
    with pytest.raises(TrainingError, match=r"predictions differ by up to 1\.0e-03 of themselves"):
        choose_guarantee("prediction", PREDICTED, [PREDICTED * 1.001])


def test_of_probabilities_beyond_any_tolerance_nothing_is_promised() -> None:
    assert choose_guarantee("proba", LIKELY, [LIKELY * 1.001]) == "nothing"
    assert choose_guarantee("proba", LIKELY, [LIKELY]) == "tolerance 1e-12"


def test_labels_that_differ_are_refused() -> None:
    labels = np.array(["a", "b"])
    assert choose_guarantee("prediction", labels, [labels]) == "labels"
    with pytest.raises(TrainingError, match="1 labels differ"):
        choose_guarantee("prediction", labels, [labels, labels[::-1][[1, 1]]])


def test_a_difference_is_relative_and_a_lone_nan_is_infinite() -> None:
    assert measure_difference(np.array([0.0, np.nan, 2.0]), np.array([0.0, np.nan, 1.0])) == 0.5
    assert measure_difference(np.array([1.0]), np.array([np.nan])) == np.inf


@pytest.mark.usefixtures("measured_once")
def test_a_model_that_does_not_predict_apart_is_refused_with_the_last_line() -> None:
    task = describe_task({"model.pkl": b"no pickle"}, COLUMNS, NUMBERS, True)
    with pytest.raises(
        TrainingError, match=r"in a process of its own: .*InvalidBundle: model\.pkl cannot be unpickled"
    ):
        measure_guarantees(task, {"prediction": PREDICTED})


def test_a_task_holds_the_cells_of_columns_as_they_are() -> None:
    inputs = (CELLS[:, 0], CELLS[:, 1].astype(float))
    names, sizes = describe_task({}, ("color", "size"), inputs, True).build_inputs()
    assert names.tolist() == inputs[0].tolist()
    assert sizes.tobytes() == inputs[1].tobytes()
    assert np.array_equal(describe_task({}, COLUMNS, NUMBERS, True).build_inputs(), NUMBERS)


def test_a_task_is_predicted_as_here() -> None:
    model = SVR().fit(NUMBERS, TARGET)
    task = describe_task({"model.pkl": pickle.dumps(model)}, COLUMNS, NUMBERS, True)
    assert run_task(task) == {"prediction": model.predict(NUMBERS).tolist()}


def test_what_is_kept_is_described_by_its_guarantees() -> None:
    assert describe_kept({"proba": "bits", "prediction": "bits"}) == "to the bit"
    kept = describe_kept({"proba": "tolerance 1e-12", "prediction": "labels"})
    assert kept == "as guaranteed (proba tolerance 1e-12, prediction labels)"
