import pytest

from lockstep.bundles.series import SeriesBundle
from lockstep.parity.answers import Answer
from lockstep.parity.frame import find_frame_faults


def answer_for(bundle: SeriesBundle) -> dict[str, list[object]]:
    bars = bundle.bars.select(slice(-2, None))
    return {
        "index": [0, 1],
        "close": bars.close.tolist(),
        "forecast_date": ["2013-03-01", "2013-03-04"],
        "close_pred": [bars.close[0] * 1.5, None],
        "naive": [1.0, 1.0],
    }


def faults_of(bundle: SeriesBundle, **changed: object) -> tuple[str, ...]:
    columns = {**answer_for(bundle), **changed}
    answer = Answer(["2013-02-28", "2013-03-01"], {"prediction": [1.5, None]}, columns=columns)  # type: ignore[arg-type] # wrong ones too
    return find_frame_faults(bundle, bundle.bars.select(slice(-2, None)), answer)


def test_a_frame_that_follows_from_bars_and_predictions_has_no_fault(default_bundle: SeriesBundle) -> None:
    assert faults_of(default_bundle) == ()


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("index", [1, 0]),
        ("close", [1.0, 2.0]),
        ("forecast_date", ["2013-03-01", "2013-03-03"]),
        ("close_pred", [None, None]),
        ("naive", [1.0]),
        ("naive", None),
    ],
)
def test_every_other_column_is_a_fault(name: str, wrong: object, default_bundle: SeriesBundle) -> None:
    assert [fault.split()[2] for fault in faults_of(default_bundle, **{name: wrong})] == [name]
