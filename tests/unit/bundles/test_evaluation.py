import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from msgspec import UNSET
from sklearn.metrics import mean_absolute_error, mean_squared_error, r2_score

from lockstep.bundles.baselines import ALWAYS_NO_CHANGE, MEAN_RETURN, MODEL, compare_returns
from lockstep.bundles.evaluation import Column, lay_out_stages, make_evaluation, parse_evaluation, write_evaluation
from lockstep.bundles.scores import ReturnScores, score_returns
from lockstep.bundles.shown_scores import show_scores
from lockstep.errors import InvalidBundle
from lockstep.training.picture import draw_evaluation, save_picture
from lockstep.training.training import Trained

LEARNED = np.array([0.98, 1.01, 1.03])
RELATIVE = 1e-12
"""The sums of scikit-learn and of ours may be ordered differently."""


def test_scores_are_those_of_scikit_learn() -> None:
    y_true, y_pred = 1.0 + np.random.default_rng(4).normal(0.0, 0.01, (2, 400))
    scores = score_returns(y_true, y_pred, LEARNED)
    expected = [metric(y_true, y_pred) for metric in (mean_absolute_error, mean_squared_error, r2_score)]
    assert [scores.mae, scores.mse, scores.r2] == pytest.approx(expected, rel=RELATIVE)


def test_direction_counts_rows_on_the_realised_side_of_one() -> None:
    y_true, y_pred = np.array([1.01, 0.99, 1.0, 1.02, 0.98]), np.array([1.02, 1.01, 1.0, 0.99, 0.5])
    assert score_returns(y_true, y_pred, LEARNED).directional_accuracy == 3 / 5


def test_constant_outcomes_have_no_r2_and_no_division_by_zero() -> None:
    assert score_returns(np.full(3, 1.1), np.full(3, 1.2), LEARNED).r2 == 0.0


def test_model_is_scored_beside_both_baselines() -> None:
    y_true, y_pred = np.array([1.1, 0.8, 1.2]), np.array([1.0, 0.9, 1.1])
    scores = compare_returns(y_true, y_pred, LEARNED)
    assert scores == {
        "model": score_returns(y_true, y_pred, LEARNED),
        "always 1.0": score_returns(y_true, np.array([1.0, 1.0, 1.0]), LEARNED),
        "mean of learning returns": score_returns(y_true, np.full(3, np.mean(LEARNED)), LEARNED),
    }
    assert scores["always 1.0"].mae == pytest.approx((0.1 + 0.2 + 0.2) / 3, rel=RELATIVE)


def test_errors_are_relative_to_those_of_no_change_in_test_and_in_learning_rows() -> None:
    y_true, y_pred = np.array([1.1, 0.8, 1.2]), np.array([1.0, 0.9, 1.1])
    scores = score_returns(y_true, y_pred, LEARNED)
    assert scores.rmse == pytest.approx(0.1, rel=RELATIVE)
    assert scores.bias == pytest.approx(-0.1 / 3, rel=RELATIVE)
    assert scores.rmae == pytest.approx(0.1 / (0.5 / 3), rel=RELATIVE)
    assert scores.mase == pytest.approx(0.1 / 0.02, rel=RELATIVE)
    assert scores.rmsse == pytest.approx((0.01 / (0.0014 / 3)) ** 0.5, rel=RELATIVE)


def test_relative_errors_are_left_out_where_nothing_has_changed() -> None:
    scores = score_returns(np.ones(3), np.full(3, 1.1), np.ones(3))
    assert (scores.rmae, scores.mase, scores.rmsse) == (UNSET, UNSET, UNSET)
    assert set(show_scores({"model": scores})["model"]) == {"MAE", "MSE", "R²", "direction", "RMSE", "bias"}


def test_what_always_answers_no_change_has_no_direction() -> None:
    """The manifest has a number, the share of rows where nothing has changed, which reads as "wrong every day"."""
    y_true = np.array([1.1, 0.9, 1.0])
    answers = {MODEL: np.ones(3), ALWAYS_NO_CHANGE: np.ones(3), MEAN_RETURN: np.full(3, 1.01)}
    scores = {name: score_returns(y_true, y_pred, LEARNED) for name, y_pred in answers.items()}
    assert [shown["direction"] for shown in show_scores(scores).values()] == ["-", "-", "0.3333"]


AWKWARD = np.array([0.1 + 0.2, 5e-324, 1.7976931348623157e308, 1.0, np.nan])


def test_evaluation_file_reads_back_to_the_bit_and_what_is_unknown_is_empty() -> None:
    dates = np.arange(np.datetime64("2024-02-27"), np.datetime64("2024-03-03"))
    forecast_dates = np.append(dates[1:], np.datetime64("NaT", "D"))
    close = np.nan_to_num(AWKWARD, nan=2.0)
    keys = {"date": dates, "forecast_date": forecast_dates, "close": close}
    stages = {"features": np.eye(5), "leaf": np.arange(5), "margin": close * 2.0**-60, "prediction": close[::-1].copy()}
    evaluation = make_evaluation(keys, AWKWARD, lay_out_stages(stages, []))
    text = write_evaluation(evaluation)
    assert text.splitlines()[0] == "date,forecast_date,close,y_true,y_pred,features,leaf,margin"
    digest = hashlib.sha256(np.eye(5)[4].tobytes()).hexdigest()
    assert text.splitlines()[-1] == f"2024-03-02,,2.0,,0.30000000000000004,{digest},4,1.734723475976807e-18"
    read = parse_evaluation(text, evaluation.columns)
    assert (read.columns, list(read.cells)) == (evaluation.columns, list(evaluation.cells))
    for name, was in evaluation.cells.items():
        assert (read.cells[name].dtype, read.cells[name].tobytes()) == (was.dtype, was.tobytes())
    assert evaluation.realised.tolist() == [True] * 4 + [False]


COLUMNS = [
    Column("date", "date"), Column("forecast_date", "date"), Column("close", "float64"), Column("y_true", "float64"),
    Column("y_pred", "float64", "prediction"), Column("features", "sha256", "features"),
    Column("leaf", "int64", "leaf"),
]  # fmt: skip
HEADER = "date,forecast_date,close,y_true,y_pred,features,leaf\n"
ROW = "2020-01-01,2020-01-02,1,1,1,a,1\n"


def test_a_whole_evaluation_file_is_read() -> None:
    assert parse_evaluation(HEADER + ROW, COLUMNS).cells["leaf"].tolist() == [1]


@pytest.mark.parametrize(
    "text",
    ["", HEADER, HEADER.replace("y_true,y_pred", "y_pred,y_true") + ROW, HEADER + ROW.replace(",1\n", "\n"),
     HEADER + ROW.replace("1,1,1", "1,1,x"), HEADER + ROW.replace("1,1,1", "1,1,"),
     HEADER + ROW.replace("-01-01", "-13-01"),
     HEADER + ROW.replace("a,1", "a,1.5"), HEADER + ROW + ROW.replace(",1\n", "\n"), HEADER + ROW[10:],
     HEADER + ROW.replace("2020-01-02,1", "2020-01-02,")],
    ids=repr,
)  # fmt: skip
def test_broken_evaluation_file_is_refused(text: str) -> None:
    with pytest.raises(InvalidBundle, match=r"evaluation\.csv"):
        parse_evaluation(text, COLUMNS)


def test_an_evaluation_without_its_keys_is_refused() -> None:
    with pytest.raises(InvalidBundle, match=r"evaluation\.csv"):
        parse_evaluation("features,leaf\na,1\n", COLUMNS[5:])


Draw = Callable[[], Figure]


@pytest.fixture
def draw(trained: Trained) -> Draw:
    return lambda: draw_evaluation(trained.evaluation, trained.manifest, trained.manifest.scores)


def test_picture_shows_a_negative_r2_and_every_point(trained: Trained, draw: Draw) -> None:
    scatter, mae, r2 = draw().axes
    scores = {name: each for name, each in trained.manifest.scores.items() if isinstance(each, ReturnScores)}
    assert len(scores) == 3
    assert scores["model"].r2 < 0.0
    assert r2.get_xlim()[0] < scores["model"].r2 < 0.0 < r2.get_xlim()[1]
    drawn = [patch for patch in r2.patches if isinstance(patch, Rectangle)]
    assert [bar.get_width() for bar in drawn] == [score.r2 for score in scores.values()]
    assert [label.get_text() for label in mae.get_yticklabels()] == list(scores)
    points = np.asarray(scatter.collections[0].get_offsets())
    assert points.shape == (119, 2)
    assert np.abs(points).max() < scatter.get_xlim()[1]


def test_same_evaluation_gives_the_same_png_bytes(draw: Draw, tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        save_picture(draw(), tmp_path / name)
    content = (tmp_path / "a.png").read_bytes()
    assert content.startswith(b"\x89PNG\r\n")
    assert content == (tmp_path / "b.png").read_bytes()
