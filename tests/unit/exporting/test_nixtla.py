"""The cross-validation frame of Nixtla's tools: its columns, its numbers, and what it cannot hold."""

import dataclasses
import sys
from pathlib import Path

import msgspec
import numpy as np
import pandas as pd
import pytest

from lockstep.bundles.scores import ReturnScores
from lockstep.bundles.series import SeriesBundle
from lockstep.errors import InvalidInput
from lockstep.exporting.nixtla import NotExported, build_frame, write_frame
from lockstep.predict.intervals import find_bounds
from lockstep.predict.stages import HALF_WIDTH

ROUNDING = 1e-12
"""A mean of pandas, which adds in another order."""
DATES = ["ds", "cutoff"]


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
@pytest.mark.parametrize("prices", [False, True])
def test_a_file_reads_back_to_the_same_bits(
    default_bundle: SeriesBundle, tmp_path: Path, suffix: str, prices: bool
) -> None:
    path, frame = tmp_path / f"msft{suffix}", build_frame(default_bundle, (80, 95), prices=prices)
    write_frame(frame, path)
    read = pd.read_csv(path, parse_dates=DATES) if suffix == ".csv" else pd.read_parquet(path)
    assert list(read) == [
        "unique_id", "ds", "cutoff", "y", "msft", "naive", "msft-lo-80", "msft-hi-80", "msft-lo-95", "msft-hi-95"
    ]  # fmt: skip
    assert all(pd.api.types.is_datetime64_any_dtype(read[name]) for name in DATES)
    for name, values in frame.items():
        assert (read[name].to_numpy() == values).all(), name


def test_its_scores_are_those_of_the_evaluation(default_bundle: SeriesBundle) -> None:
    frame = pd.DataFrame(dict(build_frame(default_bundle, None, prices=False)))
    for column, name in (("msft", "model"), ("naive", "always 1.0")):
        scores = default_bundle.manifest.scores[name]
        assert isinstance(scores, ReturnScores)
        error = frame[column] - frame["y"]
        assert error.abs().mean() == pytest.approx(scores.mae, rel=ROUNDING)
        assert (error**2).mean() == pytest.approx(scores.mse, rel=ROUNDING)
    assert frame["y"].between(frame["msft-lo-80"], frame["msft-hi-80"]).mean() == pytest.approx(0.8, abs=0.02)


def test_rows_are_those_that_came_true_and_bounds_those_of_the_stages(default_bundle: SeriesBundle) -> None:
    frame, bars = build_frame(default_bundle, (90,), prices=False), default_bundle.bars
    widths = default_bundle.forecaster.forecast(default_bundle.test_bars, levels=(90,)).stages[HALF_WIDTH]
    lower, upper = find_bounds(widths[:-1, 0])
    assert frame["unique_id"].tolist() == ["MSFT"] * 960
    assert (frame["cutoff"] == bars.dates[-961:-1]).all()
    assert (frame["ds"] == bars.dates[-960:]).all()
    assert (frame["y"] == bars.close[-960:] / bars.close[-961:-1]).all()
    assert (frame["msft-lo-90"] == lower).all()
    assert (frame["msft-hi-90"] == upper).all()


def test_prices_are_closes(default_bundle: SeriesBundle) -> None:
    frame, returns = (build_frame(default_bundle, (80,), prices=prices) for prices in (True, False))
    close = default_bundle.bars.close
    assert (frame["y"] == close[-960:]).all()
    assert (frame["naive"] == close[-961:-1]).all()
    for name in ("msft", "msft-lo-80", "msft-hi-80"):
        assert (frame[name] == returns[name] * close[-961:-1]).all(), name


def change(bundle: SeriesBundle, **members: object) -> SeriesBundle:
    return dataclasses.replace(bundle, manifest=msgspec.structs.replace(bundle.manifest, **members))


def test_levels_are_chosen_as_they_are_of_a_service(default_bundle: SeriesBundle) -> None:
    assert [name for name in build_frame(default_bundle, None, prices=False) if "-hi-" in name] == [
        "msft-hi-50", "msft-hi-80", "msft-hi-90", "msft-hi-95"
    ]  # fmt: skip
    with pytest.raises(InvalidInput, match="100 is no level"):
        build_frame(default_bundle, (100,), prices=False)
    with pytest.raises(InvalidInput, match="has no intervals"):
        build_frame(change(default_bundle, interval=msgspec.UNSET), (80,), prices=False)
    assert len(build_frame(change(default_bundle, interval=msgspec.UNSET), None, prices=False)) == 6


@pytest.mark.parametrize(
    ("members", "prices", "reason"),
    [
        ({"classes": ["down", "up"]}, False, "forecasts labels"),
        ({"target": "own.py:range"}, True, "leave --prices out"),
        ({"name": "cutoff"}, False, "as another column of the frame is"),
    ],
)
def test_what_has_no_frame_is_refused_by_name(
    default_bundle: SeriesBundle, members: dict[str, object], prices: bool, reason: str
) -> None:
    with pytest.raises(NotExported, match=reason):
        build_frame(change(default_bundle, **members), None, prices=prices)


def test_without_pyarrow_the_command_that_installs_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(NotExported, match="-m pip install pyarrow"):
        write_frame({"y": np.ones(1)}, tmp_path / "msft.parquet")
