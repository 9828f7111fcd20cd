"""Cards of the default model, and of rows that a test makes."""

from collections.abc import Callable

import msgspec
import numpy as np
import pytest

from lockstep.bundles.entries import RETURN
from lockstep.bundles.series import SeriesBundle
from lockstep.predict.intervals import EVALUATED_LEVELS, Levels
from lockstep.report_card.building import make_report_card
from lockstep.report_card.card import ReportCard
from lockstep.report_card.page import render_page
from lockstep.report_card.rows import SeriesRows
from lockstep.report_card.series_card import fill_card

MakeRows = Callable[..., SeriesRows]
MakeCard = Callable[..., ReportCard]


@pytest.fixture(scope="session")
def card(default_bundle: SeriesBundle) -> ReportCard:
    return make_report_card(default_bundle, 1)


@pytest.fixture(scope="session")
def page(card: ReportCard) -> str:
    return render_page(card)


@pytest.fixture(scope="session")
def make_rows() -> MakeRows:
    """Random returns of so many days from 2020 on, the last of which has not come true; `size` is that of a move."""

    def make(n_rows: int, size: float = 0.01, close: float = 100.0, levels: Levels = EVALUATED_LEVELS) -> SeriesRows:
        rng = np.random.default_rng(3)
        dates = (np.datetime64("2020-01-01") + np.arange(n_rows)).astype(str)
        y_true, y_pred = 1.0 + size * rng.normal(size=(2, n_rows))
        y_true[-1] = np.nan
        half_width = size * rng.uniform(0.8, 1.2, (n_rows, 1)) * np.linspace(0.7, 2.0, len(levels))
        closes = np.full(n_rows, close)
        return SeriesRows(RETURN, 1.0, dates, ~np.isnan(y_true), closes, y_true, y_pred, levels, half_width)

    return make


@pytest.fixture(scope="session")
def make_card(default_bundle: SeriesBundle) -> MakeCard:
    """A card of the default model with other rows, and other members of its manifest."""

    def make(rows: SeriesRows, **members: object) -> ReportCard:
        return fill_card(msgspec.structs.replace(default_bundle.manifest, **members), rows, 1)

    return make
