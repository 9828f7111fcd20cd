import copy
import dataclasses
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lockstep.bundles.evaluation import EVALUATION_FILE, Evaluation, write_evaluation
from lockstep.bundles.reading import load_series
from lockstep.bundles.selfcheck import check_evaluation, check_windows, describe_reach
from lockstep.bundles.series import SeriesBundle
from lockstep.data.bars import Bars
from lockstep.errors import EvaluationMismatch, InvalidBundle
from lockstep.features.feature_set import NamedFeatureSet
from lockstep.predict.forecast import Forecaster
from lockstep.training.training import Trained
from preprocessing.daily import DAILY
from tests.unit.conftest import Reseal

ROW = 17


def test_equal_evaluation_returns_its_row_count(bundle: SeriesBundle) -> None:
    assert check_evaluation(bundle) == 120


def with_cells(evaluation: Evaluation, name: str, cells: np.ndarray) -> Evaluation:
    return replace(evaluation, cells={**evaluation.cells, name: cells})


def one_ulp_off(evaluation: Evaluation) -> Evaluation:
    y_pred = evaluation.y_pred.copy()
    y_pred[ROW] = np.nextafter(y_pred[ROW], 2.0)
    return with_cells(evaluation, "y_pred", y_pred)


def other_leaf(evaluation: Evaluation) -> Evaluation:
    leaf = evaluation.cells["leaf"]
    return with_cells(evaluation, "leaf", leaf + (np.arange(leaf.size) == ROW))


def other_digest(stage: str, evaluation: Evaluation) -> Evaluation:
    digests = evaluation.cells[stage].copy()
    digests[ROW] = digests[ROW - 1]
    return with_cells(evaluation, stage, digests)


@pytest.mark.parametrize(
    ("change", "stage"),
    [
        (one_ulp_off, "prediction"),
        (other_leaf, "leaf"),
        (partial(other_digest, "features"), "features"),
        (partial(other_digest, "scaled"), "scaled"),
    ],
)
def test_one_changed_number_is_named_by_date_and_stage(
    folder: Path, trained: Trained, reseal: Reseal, change: Callable[[Evaluation], Evaluation], stage: str
) -> None:
    changed = write_evaluation(change(trained.evaluation)).encode()
    bundle = load_series(reseal(folder, {EVALUATION_FILE: changed}))
    date = trained.evaluation.dates[ROW]
    with pytest.raises(EvaluationMismatch, match=f"1 of 120 rows differ; first {date}, stage {stage}: evaluated"):
        check_evaluation(bundle)


def test_features_that_turn_no_prediction_are_seen(default_bundle: SeriesBundle) -> None:
    def build_one_bit_off(bars: Bars) -> np.ndarray:
        features = DAILY.build(bars)
        features[:, 9] = np.nextafter(features[:, 9], np.inf)
        return features

    forecaster = copy.copy(default_bundle.forecaster)
    forecaster.feature_set = dataclasses.replace(DAILY, build=build_one_bit_off)
    forecast = forecaster.forecast(default_bundle.bars.select(slice(-961, None)))
    assert forecast.prediction.tobytes() == default_bundle.evaluation.y_pred.tobytes()
    with pytest.raises(EvaluationMismatch, match="961 of 961 rows differ; first 2009-05-07, stage features"):
        check_evaluation(replace(default_bundle, forecaster=forecaster))


@pytest.mark.parametrize("rows", [slice(-1), slice(1, None), slice(None, None, -1)], ids=str)
def test_evaluation_of_other_dates_is_refused(folder: Path, trained: Trained, reseal: Reseal, rows: slice) -> None:
    evaluation = trained.evaluation
    fewer = Evaluation(evaluation.columns, {name: cells[rows] for name, cells in evaluation.cells.items()})
    bundle = load_series(reseal(folder, {EVALUATION_FILE: write_evaluation(fewer).encode()}))
    with pytest.raises(EvaluationMismatch, match="does not hold the last 120 bars"):
        check_evaluation(bundle)


def check_all_and_alone(forecaster: Forecaster, tested: Bars) -> None:
    check_windows(forecaster, tested, forecaster.forecast(tested).features)


def test_a_feature_that_reads_more_than_its_look_back_is_named(default_bundle: SeriesBundle) -> None:
    def build_with_running_sum(bars: Bars) -> np.ndarray:
        features = DAILY.build(bars)
        features[199:, 3] = np.cumsum(features[199:, 3])
        return features

    forecaster = copy.copy(default_bundle.forecaster)
    forecaster.feature_set = dataclasses.replace(DAILY, build=build_with_running_sum)
    tested = default_bundle.bars.select(slice(-300, None))
    check_all_and_alone(default_bundle.forecaster, tested)
    with pytest.raises(EvaluationMismatch, match=r"feature close_to_low of .* depends on more than the 200 bars"):
        check_all_and_alone(forecaster, tested)


def test_a_set_that_declares_to_read_the_whole_history_is_not_checked_and_said_so(default_bundle: SeriesBundle) -> None:
    def build_with_look_ahead(bars: Bars) -> np.ndarray:
        features = DAILY.build(bars)
        features[199:-1, 3] = features[200:, 3]
        return features

    forecaster = copy.copy(default_bundle.forecaster)
    tested = default_bundle.bars.select(slice(-300, None))
    forecaster.feature_set = dataclasses.replace(DAILY, build=build_with_look_ahead)
    with pytest.raises(EvaluationMismatch, match="feature close_to_low"):
        check_all_and_alone(forecaster, tested)
    forecaster.feature_set = dataclasses.replace(forecaster.feature_set, whole_history=True)
    check_all_and_alone(forecaster, tested)
    assert describe_reach(forecaster.feature_set).startswith("reads the whole history: not checked")
    assert describe_reach(DAILY) == "reads the 200 bars that end in its row"


def test_features_of_another_type_are_refused_in_a_sentence(folder: Path) -> None:
    framed = replace(DAILY, build=lambda bars: pd.DataFrame(DAILY.build(bars)))
    bundle = load_series(folder, lambda name: NamedFeatureSet(name, framed, (), ""))
    with pytest.raises(InvalidBundle, match="the feature set daily returned a DataFrame; expected a float64 array"):
        check_evaluation(bundle)
