from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from lockstep.data.bars import Bars
from lockstep.errors import InvalidFeatures
from lockstep.features.building import build_features
from preprocessing.daily import DAILY


def test_what_a_feature_set_promises_is_returned_as_it_is(bars: Bars) -> None:
    assert build_features(DAILY, bars).tobytes() == DAILY.build(bars).tobytes()


@pytest.mark.parametrize(
    ("build", "reason"),
    [
        (lambda bars: pd.DataFrame(DAILY.build(bars)), r"returned a DataFrame; expected a float64 array \(500, 17\)"),
        (lambda bars: DAILY.build(bars).tolist(), r"returned a list; expected a float64 array"),
        (lambda bars: None, "returned a NoneType; expected"),
        (lambda bars: DAILY.build(bars)[1:], r"returned float64 \(499, 17\); expected a float64 array \(500, 17\)"),
        (lambda bars: DAILY.build(bars).T, r"returned float64 \(17, 500\); expected"),
        (lambda bars: DAILY.build(bars).astype(np.float32), r"returned float32 \(500, 17\); expected"),
        (lambda bars: DAILY.build(bars).astype(object), r"returned object \(500, 17\); expected"),
    ],
)
def test_anything_else_is_refused_in_a_sentence(bars: Bars, build: Any, reason: str) -> None:
    with pytest.raises(InvalidFeatures, match=reason):
        build_features(replace(DAILY, build=build), bars)
