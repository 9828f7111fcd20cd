"""How models are judged block by block, and when that fails."""

from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest

from lockstep.applications import find_application
from lockstep.bundles.verdicts import NaiveComparison
from lockstep.features.loading import load_feature_set
from lockstep.training.prices import WITHOUT_VOLUME
from lockstep.training.selecting import CANDIDATES
from qa.intervals import selection
from qa.intervals.blocks import BLOCK_ROWS, MIN_LEARNING_ROWS
from qa.intervals.chance import simulate_bars
from qa.intervals.selection import Judged, count_blocks, judge_blocks
from qa.intervals.series import Series
from qa.servers import ROOT

QUICK = (CANDIDATES[0], "ridge(alpha=10.0)")
FEATURES = load_feature_set(WITHOUT_VOLUME, find_application(ROOT))
N_BARS = FEATURES.features.lookback_bars - 1 + MIN_LEARNING_ROWS + BLOCK_ROWS


@pytest.fixture(scope="module")
def judged() -> Judged:
    [block] = judge_blocks(
        Series("walk", simulate_bars(np.random.default_rng(3), np.ones(N_BARS + 900))), FEATURES, QUICK
    )
    return block


def test_a_block_is_the_newest_rows_and_has_learned_from_those_before(judged: Judged) -> None:
    series = Series("walk", simulate_bars(np.random.default_rng(3), np.ones(N_BARS + 900)))
    assert judged.first == str(series.bars.dates[-BLOCK_ROWS])
    assert judged.default.test.rows == judged.selected.test.rows == BLOCK_ROWS - 1
    assert judged.default.walk_forward.rows == (MIN_LEARNING_ROWS + 900) // 2
    assert list(judge_blocks(Series("short", series.bars.select(slice(N_BARS - 1))), FEATURES, QUICK)) == []


def test_a_selected_model_of_a_random_walk_is_not_worse_and_the_default_tree_is(judged: Judged) -> None:
    assert not judged.is_worse
    assert judged.default.verdict == "worse-than-naive"
    assert count_blocks([judged]).startswith("1 blocks: 1 serve no change; 0 selected models are significantly worse")


@pytest.mark.parametrize(("t", "code"), [(1.6, 0), (1.7, 1), (None, 1)])
def test_a_block_in_which_a_selected_model_is_worse_fails(
    judged: Judged, monkeypatch: pytest.MonkeyPatch, t: float | None, code: int
) -> None:
    tested = msgspec.structs.replace(judged.selected, test=NaiveComparison(t or 0.0, 4, 960, 1.0))
    blocks = [] if t is None else [replace(judged, selected=tested)]
    monkeypatch.setattr(
        selection, "load_series", lambda *_: [Series("any", simulate_bars(np.random.default_rng(1), np.ones(9)))]
    )
    monkeypatch.setattr(selection, "judge_blocks", lambda *_: iter(blocks))
    assert selection.main(Path(), Path()) == code
