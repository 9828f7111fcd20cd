import json
import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from lockstep.bundles.series import SeriesBundle
from lockstep.data.bars import Adjusts, Bars
from lockstep.parity.draws import Draws, Origin
from lockstep.parity.forms import DATES, Form, draw_form, read_bars, write_bars
from lockstep.parity.spelling import CUT, EXACT, Layout, cut_decimals, cut_more_decimals, draw_layout, write_shortest
from lockstep.parity.wish import ANY, EVALUATED


def draws_of(number: int) -> Draws:
    return Draws(Origin(1, "", "wire", number))


def write_and_read(bars: Bars, form: Form, number: int, adjusts: Adjusts) -> Bars:
    layout = draw_layout(draws_of(number))
    return read_bars(json.loads(layout.write_object(write_bars(bars, form, layout, adjusts))), adjusts)


@pytest.mark.parametrize("adjusts", ["prices", "close"])
def test_exact_forms_give_every_bit(adjusts: Adjusts, default_bundle: SeriesBundle) -> None:
    bars = default_bundle.bars.select(slice(-12, None))
    if adjusts == "close":
        bars.values[3] *= 0.5
    for number in range(80):
        said = write_and_read(bars, draw_form(draws_of(number), bars, EVALUATED), number, adjusts)
        assert (said.dates == bars.dates).all()
        assert said.values.tobytes() == bars.values.tobytes()


def test_every_form_gives_the_dates_and_nearly_the_numbers(default_bundle: SeriesBundle) -> None:
    bars, seen = default_bundle.bars.select(slice(-12, None)), set()
    for number in range(200):
        form = draw_form(draws_of(number), bars, ANY)
        seen.add((form.dates, form.spell))
        said = write_and_read(bars, form, number, "prices")
        assert (said.dates == bars.dates).all()
        np.testing.assert_allclose(said.values[:4], bars.values[:4], rtol=0.05)
    assert seen == {(dates, spell) for dates in DATES for spell in (*EXACT, *CUT)}


def test_tiny_prices_are_not_cut(default_bundle: SeriesBundle) -> None:
    bars = default_bundle.bars.select(slice(-12, None))
    tiny = Bars(bars.dates, bars.values * 1e-6)
    assert {draw_form(draws_of(number), tiny, ANY).spell for number in range(200)} == set(EXACT)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(("dates", "date_format"), [("midnight", "iso"), ("epoch", "epoch")])
@pytest.mark.parametrize(("spell", "precision"), [(cut_decimals, 10), (cut_more_decimals, 15)])
@pytest.mark.parametrize("is_index", [False, True])
def test_what_pandas_writes_is_written(
    dates: str, date_format: str, spell: object, precision: int, is_index: bool, default_bundle: SeriesBundle
) -> None:
    """The frames are equal as JSON; a value that pandas cuts may differ in its last decimal."""
    bars = default_bundle.bars.select(slice(-12, None))
    frame = pd.DataFrame(dict(zip(bars.columns, bars.values, strict=True)))
    frame.insert(0, "date", pd.to_datetime(bars.dates.astype(str)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        written = (frame.set_index("date") if is_index else frame).to_json(
            orient="split", date_format=date_format, double_precision=precision
        )
    layout = replace(draw_layout(draws_of(0)), draws=Plain(draws_of(0).origin))
    ours = layout.write_object(write_bars(bars, Form(dates, is_index, spell, None), layout, "prices"))  # type: ignore[arg-type]
    theirs, said = json.loads(written), json.loads(ours)
    if not is_index:
        theirs.pop("index")
    assert {**theirs, "data": None} == {**said, "data": None}
    left, right = (pd.DataFrame(each["data"]).to_numpy() for each in (theirs, said))
    if not is_index:
        assert left[:, 0].tolist() == right[:, 0].tolist()
        left, right = left[:, 1:], right[:, 1:]
    np.testing.assert_allclose(left.astype(float), right.astype(float), rtol=0, atol=2 * 10.0**-precision)


class Plain(Draws):
    """Draws that leave everything as it is: the first option, the given order, and no chance."""

    def below(self, bound: int) -> int:
        return min(1, bound - 1) if bound == 2 else 0

    def permute(self, count: int) -> np.ndarray:
        return np.arange(count)


def test_members_of_a_body_come_in_any_order() -> None:
    layout = draw_layout(draws_of(1))
    orders = {tuple(json.loads(layout.write_object({"a": "1", "b": "2", "c": "3"}))) for _ in range(40)}
    assert len(orders) == 6


def test_numbers_have_many_spellings_of_the_same_bits() -> None:
    value = 24.684342419163
    assert {float(spell(value)) for spell in EXACT} == {value}
    assert len({spell(value) for spell in EXACT}) >= 3
    assert write_shortest(value) == "24.684342419163"
    assert [cut_decimals(24.0), cut_decimals(value), cut_more_decimals(1e-11)] == [
        "24.0",
        "24.6843424192",
        "0.00000000001",
    ]


def test_a_text_may_be_ascii_or_not() -> None:
    layout = Layout(draws_of(1), ",", ":", is_ascii=True)
    assert layout.write_text("Köln") == '"K\\u00f6ln"'
    assert replace(layout, is_ascii=False).write_text("Köln") == '"Köln"'
