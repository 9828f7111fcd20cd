"""What the card of a series says, recomputed by plain loops; and cards of odd series."""

import re
from dataclasses import replace

import msgspec
import numpy as np
import pytest
from msgspec import UNSET

from lockstep.bundles.entries import IntervalEntry
from lockstep.bundles.scores import LabelScores, NumberScores
from lockstep.bundles.selections import CandidateEntry, choose_candidate, describe_selection
from lockstep.bundles.series import SeriesBundle
from lockstep.bundles.shown_verdict import NO_CHANGE_IS_SERVED
from lockstep.bundles.verdicts import NaiveComparison, describe_verdict
from lockstep.report_card.card import MAX_MARKS, ReportCard
from lockstep.report_card.page import render_page
from lockstep.report_card.rows import thin
from tests.unit.report_card.conftest import MakeCard, MakeRows
from tests.unit.report_card.test_page import read_table, read_texts

TOLERANCE = 1e-12
"""Relative: sums of a thousand numbers in another order."""


def test_errors_are_added_up_day_by_day(default_bundle: SeriesBundle, card: ReportCard) -> None:
    evaluation, model, naive = default_bundle.evaluation, 0.0, 0.0
    assert card.errors
    for row, (came, said) in enumerate(zip(evaluation.y_true[:-1], evaluation.y_pred[:-1], strict=True)):
        model, naive = model + abs(said - came), naive + abs(1.0 - came)
        assert card.errors.model_total[row] == pytest.approx(model, rel=TOLERANCE)
        assert card.errors.naive_total[row] == pytest.approx(naive, rel=TOLERANCE)
    assert card.errors.dates[0] == "2009-05-08"


def test_coverage_is_that_of_the_last_250_rows(default_bundle: SeriesBundle, card: ReportCard) -> None:
    stages = default_bundle.predict_evaluated().stages
    half_width, y_true = stages["half_width"][:-1, 1], default_bundle.evaluation.y_true[:-1]
    assert card.coverage
    held = [max(1.0 - half, 0.0) <= came <= 1.0 + half for half, came in zip(half_width, y_true, strict=True)]
    expected = [sum(held[end - 250 : end]) / 250 for end in range(250, len(held) + 1)]
    assert card.coverage.shares == expected
    assert card.coverage.dates[-1] == "2013-03-01"
    assert card.coverage.chance


def test_the_fan_bounds_the_closes_and_names_the_misses(default_bundle: SeriesBundle, card: ReportCard) -> None:
    bars, evaluation = default_bundle.bars, default_bundle.evaluation
    half_width = default_bundle.predict_evaluated().stages["half_width"]
    assert card.fan
    [bounds] = [each for each in card.fan.bounds if each.level == 80]
    assert card.fan.dates[-1] == "2013-03-04"
    assert card.fan.close[-1] is None
    for back in range(2, 122):
        close, half = float(evaluation.close[-back]), float(half_width[-back, 1])
        came = float(bars.close[-back + 1])
        assert card.fan.dates[-back] == str(bars.dates[-back + 1])
        assert card.fan.close[-back] == pytest.approx(came, rel=TOLERANCE)
        assert (bounds.lo[-back], bounds.hi[-back]) == (close * (1.0 - half), close * (1.0 + half))
        assert (card.fan.dates[-back] in card.fan.misses) == (not bounds.lo[-back] <= came <= bounds.hi[-back])


def test_years_add_up_to_all_rows(default_bundle: SeriesBundle, card: ReportCard) -> None:
    scores = {score.name: score.values for score in card.scores}
    assert [year.year for year in card.years] == ["2009", "2010", "2011", "2012", "2013"]
    assert sum(year.rows for year in card.years) == card.rows
    for name, predictor in (("model", "model"), ("naive", "always 1.0")):
        total = sum(year.rows * getattr(year, name) for year in card.years)
        assert total / card.rows == pytest.approx(scores["mae"][predictor], rel=TOLERANCE)


def test_a_card_holds_the_verdict_of_the_manifest(default_bundle: SeriesBundle, card: ReportCard) -> None:
    assert default_bundle.manifest.verdict is not UNSET
    entry = default_bundle.manifest.verdict
    assert (card.verdict.word, card.verdict.test) == ("worse-than-naive", entry.test)
    assert card.verdict.walk_forward == entry.walk_forward
    assert card.verdict.says == describe_verdict(entry)
    assert card.verdict.tested == (
        'In the test rows the errors of the model are 12.5 % larger than those of "no change".'
    )
    assert card.missing == []


def test_an_older_bundle_has_a_card_that_says_what_is_missing(make_rows: MakeRows, make_card: MakeCard) -> None:
    card = make_card(make_rows(300, levels=()), verdict=UNSET, interval=UNSET)
    assert (card.coverage, card.fan, card.widths, card.intervals, card.verdict.word) == (None,) * 5
    assert card.missing == [
        "There is no interval: the model was trained without one. See `lockstep train --help`, --interval.",
        "There is no verdict: the model is of an earlier version, was imported, or has too few learning rows.",
    ]
    assert all(reason in render_page(card) for reason in card.missing)


def test_an_experimental_interval_is_called_so(
    default_bundle: SeriesBundle, make_rows: MakeRows, make_card: MakeCard
) -> None:
    assert isinstance(default_bundle.manifest.interval, IntervalEntry)
    entry = msgspec.structs.replace(default_bundle.manifest.interval, experimental=True)
    card = make_card(make_rows(150), interval=entry, horizon_bars=21)
    assert card.missing == ["The interval is experimental: so far ahead none was shown to be worth having."]
    assert card.coverage
    assert card.coverage.chance is None
    assert "chance: 95" not in render_page(card)


def test_the_candidates_of_a_selection_are_listed(make_rows: MakeRows, make_card: MakeCard) -> None:
    compared = [NaiveComparison(t, 4, 100, ratio) for t, ratio in ((0.0, 1.0), (-2.04, 0.98765), (3.0, None))]
    names = ["no-change", "ridge", "forest"]
    candidates = [CandidateEntry(name, 0.5, each) for name, each in zip(names, compared, strict=True)]
    card = make_card(make_rows(150), selection=choose_candidate(candidates))
    page = render_page(card)
    assert read_table(page, "candidate")[1:] == [
        ["no-change", "0.5", "1.000", "0.0"],
        ["ridge", "0.5", "0.988", "−2.0"],
        ["forest", "0.5", "–", "3.0"],
    ]
    assert re.findall(r"(\w+)<small>served</small>", page) == ["ridge"]
    assert card.selection
    assert describe_selection(card.selection) in read_texts(page)
    assert "selected" not in render_page(make_card(make_rows(150)))


def test_a_model_that_serves_no_change_is_not_judged_beside_itself(make_rows: MakeRows, make_card: MakeCard) -> None:
    selection = choose_candidate([CandidateEntry("no-change", 0.0, NaiveComparison(0.0, 4, 100, 1.0))])
    card = make_card(make_rows(150), selection=selection)
    assert (card.verdict.says, card.verdict.tested) == (NO_CHANGE_IS_SERVED, None)
    assert NO_CHANGE_IS_SERVED in read_texts(render_page(card))


def test_a_direction_is_counted(make_rows: MakeRows, make_card: MakeCard) -> None:
    rows = make_rows(300, levels=())
    y_true, y_pred = (np.where(each > 1.0, "up", "down") for each in (rows.y_true, rows.y_pred))
    labels = replace(rows, target="direction", naive="down", y_true=y_true, y_pred=y_pred)
    scores = {name: LabelScores(0.5, 0.5, 0.7, 0.5) for name in ("model", "most frequent label")}
    card = make_card(labels, target="direction", scores=scores, interval=UNSET, verdict=UNSET)
    pairs = list(zip(y_true[:-1].tolist(), y_pred[:-1].tolist(), strict=True))
    assert card.counts
    assert card.counts.rows == [[pairs.count((came, said)) for said in ("down", "up")] for came in ("down", "up")]
    assert card.errors
    assert card.errors.model_total[-1] == sum(came != said for came, said in pairs)
    assert (card.unit, card.against) == ("label", None)
    assert "only returns have them, and this forecasts direction" in render_page(card)


def test_another_target_is_in_its_own_units(make_rows: MakeRows, make_card: MakeCard) -> None:
    rows = make_rows(300, levels=())
    other = replace(rows, target="targets.py:spread", naive=250.0, y_true=250 * rows.y_true, y_pred=250 * rows.y_pred)
    scores = {name: NumberScores(3.5, 9.0, 0.1) for name in ("model", "mean of learning rows")}
    card = make_card(other, target="targets.py:spread", scores=scores, interval=UNSET, verdict=UNSET)
    assert card.against
    assert (card.unit, card.against.naive) == ("target", 250.0)
    page = render_page(card)
    assert "the learned mean" in page
    assert '<td class="number marked">3.5</td>' in page


@pytest.mark.parametrize(
    ("n_rows", "size", "close"),
    [(13, 0.01, 100.0), (150, 0.01, 1e12), (600, 0.01, 1e-4), (600, 0.0, 100.0), (150, 0.9, 100.0), (150, 1e99, 1.0)],
    ids=["few", "huge prices", "tiny prices", "flat", "wild", "hardly numbers"],
)
def test_odd_series_have_a_page(
    make_rows: MakeRows, make_card: MakeCard, n_rows: int, size: float, close: float
) -> None:
    card = make_card(make_rows(n_rows, size, close))
    page = render_page(card)
    assert not re.search(r"\b(nan|inf|None|UNSET)\b", page.partition("</style>")[2])
    assert max(map(len, page.split())) < 40_000  # a path, and no number of 99 digits
    assert card.rows == n_rows - 1
    assert (card.coverage is None) == (n_rows < 121)
    assert card.coverage is None or card.coverage.window == (250 if n_rows > 500 else 60)


def test_of_many_rows_evenly_spaced_ones_are_marked(make_rows: MakeRows, make_card: MakeCard) -> None:
    assert thin(MAX_MARKS).tolist() == list(range(MAX_MARKS))
    places = thin(3 * MAX_MARKS + 1)
    assert (places.size, places[0], places[-1]) == (MAX_MARKS, 0, 3 * MAX_MARKS)
    assert set(np.diff(places).tolist()) == {3, 4} or set(np.diff(places).tolist()) == {3}
    card = make_card(make_rows(MAX_MARKS + 500))
    assert card.against
    assert card.errors
    assert len(card.against.realised) == len(card.errors.model_total) == MAX_MARKS
    assert card.rows == MAX_MARKS + 499
