import json

import numpy as np
import pytest

from lockstep.bundles.reading import load_bundle
from lockstep.bundles.table import TableBundle, as_table
from lockstep.data.column import ColumnSchema
from lockstep.parity.bad_rows import bad_cells, bad_row_bodies
from lockstep.parity.client import ServiceClient
from lockstep.parity.compare import Posted
from lockstep.parity.table import Keyed, TableSubject
from lockstep.parity.table_wire import read_table_form, write_table_forms
from qa.families import train_family


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> TableBundle:
    return as_table(load_bundle(train_family("table-logistic", tmp_path_factory.mktemp("models"))))


@pytest.fixture
def subject(bundle: TableBundle) -> TableSubject:
    return TableSubject(ServiceClient("http://nowhere", None, "flats", 2), bundle, seed=1)


def held(subject: TableSubject) -> Keyed:
    return subject.tested


def test_every_form_says_the_same_rows(subject: TableSubject) -> None:
    rows = held(subject).select(slice(0, 30))
    forms = list(write_table_forms(rows, np.random.default_rng(1)))
    assert {form.member for form in forms} == {"dataframe_split", "dataframe_records", "instances", None}
    for form in forms:
        said = read_table_form(form, rows.rows.schema)
        for values, expected in zip(said.columns, rows.rows.columns, strict=True):
            assert sorted(map(repr, values.tolist())) == sorted(map(repr, expected.tolist()))


def test_gaps_are_written_as_null_in_every_form(subject: TableSubject) -> None:
    for form in write_table_forms(held(subject), np.random.default_rng(1)):
        assert "NaN" not in form.text
        assert "null" in form.text


def test_changed_cells_stay_within_what_was_learned_and_have_gaps(subject: TableSubject) -> None:
    changed = subject.change(held(subject), np.random.default_rng(1))
    assert changed.rows.describe_unlearned() == []
    assert changed.keys == held(subject).keys
    area, rooms, town = changed.rows.columns
    assert np.isnan(area).any()
    assert set(town.tolist()) == {"Bonn", "Gent", "Lyon", None}
    assert {room for room in rooms.tolist() if room == room} <= {1.0, 2.0, 3.0, 4.0, 5.0}  # noqa: PLR0124 -- not NaN


def test_a_body_names_columns_model_and_version(subject: TableSubject) -> None:
    body = json.loads(subject.write_body(Posted(held(subject).select(slice(2))), "values"))
    assert (body["model"], body["version"], body["trace"]) == ("flats", 2, "values")
    assert body["dataframe_split"]["columns"] == ["area", "rooms", "town"]
    assert len(body["dataframe_split"]["data"]) == 2


def test_rows_are_selected_with_their_keys(subject: TableSubject) -> None:
    rows = held(subject).select(np.array([3, 1]))
    assert rows.keys == [held(subject).keys[3], held(subject).keys[1]]
    assert rows.rows.columns[1].tolist() == held(subject).rows.columns[1][[3, 1]].tolist()


def test_each_kind_of_column_has_bad_cells_of_its_own(bundle: TableBundle) -> None:
    row = {"area": 70.0, "rooms": 2.0, "town": "Bonn"}
    told = [case.what for case in bad_cells(bundle.schema.columns, row, {})]
    assert "half a number in rooms" in told
    assert "a number for text in town" in told
    assert not any("null" in case for case in told)
    told = [case.what for case in bad_cells((ColumnSchema("x", "number", takes_missing=False),), {"x": 1.0}, {})]
    assert "a null in x" in told
    assert [case.status for case in bad_row_bodies(row, {"model": "flats"})].count(400) >= 5
