"""Whatever is posted to a panel, one series or many at once, has a documented answer."""

import json
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lockstep.scoring.settings import Settings
from lockstep.web.app import create_app
from tests.small_panels import make_series, save_panel
from tests.unit.web.test_fuzz import CASES, COLUMNS, DOCUMENTED, junk, numbers, refuse_constant

SYMBOLS = ("S0", "S1", "S2")
PARTIAL = 207
NEWEST: dict[str, list[Any]] = {
    symbol: [str(bars.dates[-1]), *bars.values[:, -1].tolist()] for symbol, bars in make_series(len(SYMBOLS)).items()
}
"""The newest bar of each series, as it is posted."""


@pytest.fixture(scope="module")
def panel(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    folder: Path = save_panel(tmp_path_factory.mktemp("models") / "walks", make_series(len(SYMBOLS)))
    return create_app(Settings(models=(folder,), max_rows=200, rate_limit=None)).test_client()


@st.composite
def posted(draw: st.DrawFn) -> dict[str, Any]:
    """A body with some rows of some series, of which cells are spoilt."""
    symbols = draw(st.lists(st.one_of(st.sampled_from(SYMBOLS), st.just("ACME")), min_size=1, max_size=6))
    rows = [[symbol, *NEWEST.get(symbol, NEWEST["S0"])] for symbol in symbols]
    for _ in range(draw(st.integers(0, 2))):
        rows[draw(st.integers(0, len(rows) - 1))][draw(st.integers(0, 6))] = draw(st.one_of(numbers, junk))
    first = draw(st.integers(0, 1))  # without the column of the symbols, or with it
    options = st.fixed_dictionaries(
        {},
        optional={
            "history": st.sampled_from(["stored", "none"]),
            "trace": st.sampled_from(["values", "digests"]),
            "model": st.one_of(st.just("walks"), junk),
            "version": st.one_of(st.just("champion"), junk),
            "symbol": st.one_of(st.sampled_from(SYMBOLS), st.none(), junk),
        },
    )
    return {"columns": ["symbol", *COLUMNS][first:], "data": [row[first:] for row in rows], **draw(options)}


@settings(max_examples=CASES // 4, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(body=posted())
def test_whatever_is_posted_to_a_panel_has_a_documented_answer(panel: FlaskClient, body: dict[str, Any]) -> None:
    response = panel.post("/v1/forecast", json=body)
    told = json.loads(response.data, parse_constant=refuse_constant)
    if response.status_code not in (200, PARTIAL):
        assert (response.status_code, told["code"]) in DOCUMENTED
        assert len(response.data) < 10_000
        return
    assert len(told["forecast"]["data"]) == len(body["data"])
    assert ("problems" in told) == (response.status_code == PARTIAL)
    if "symbol" in body["columns"]:
        assert [row[0] for row in told["forecast"]["data"]] == [row[0] for row in body["data"]]
