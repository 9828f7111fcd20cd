import json

import numpy as np
import pytest

from lockstep.bundles.reading import load_bundle
from lockstep.bundles.table import TableBundle, as_table
from lockstep.data.column import ColumnSchema
from lockstep.parity.answers import Limits, Version
from lockstep.parity.bad_input import BadBodies
from lockstep.parity.bad_rows import list_bad_cells, list_cases
from lockstep.parity.client import ServiceClient
from lockstep.parity.table import Keyed, TableSubject
from lockstep.parity.wish import EVALUATED
from qa.families import train_family


class StubClient(ServiceClient):
    """A client of a service that holds nothing else."""

    def get_version(self) -> Version:
        return Version([], {}, {})


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> TableBundle:
    return as_table(load_bundle(train_family("table-logistic", tmp_path_factory.mktemp("models"))))


@pytest.fixture
def subject(bundle: TableBundle) -> TableSubject:
    return TableSubject(StubClient("http://nowhere", None, "flats", 2), bundle, seed=1)


def held(subject: TableSubject) -> Keyed:
    return subject.tested


def test_every_form_says_the_same_rows_in_any_order(subject: TableSubject) -> None:
    rows = held(subject).select(slice(0, 30))
    for number in range(60):
        posted = subject.write(rows, subject.draws("wire", number), EVALUATED)
        assert sorted(posted.rows.keys) == sorted(rows.keys)
        assert subject.find_unchanged(posted.rows).all()
        assert b"NaN" not in posted.sent.body


def test_a_cell_that_was_changed_is_not_taken_for_the_evaluated_one(subject: TableSubject) -> None:
    rows = held(subject).select(np.arange(5))
    rows.rows.columns[0][2] = 71.25
    assert subject.find_unchanged(rows).tolist() == [True, True, False, True, True]


def test_changed_cells_have_gaps_and_some_are_beyond_what_was_learned(subject: TableSubject) -> None:
    many = subject.repeat(np.arange(400) % len(held(subject)))
    changed = subject.change(many, subject.draws("sensitive", 1))
    assert len(changed.rows.describe_unlearned()) > 5
    assert changed.keys == many.keys
    area, rooms, town = changed.rows.columns
    assert np.isnan(area).any()
    assert set(town.tolist()) >= {"Bonn", "Gent", "Lyon", None}
    assert all(room.is_integer() for room in rooms.tolist() if room == room)  # noqa: PLR0124 -- not NaN


def test_a_body_names_columns_model_and_version(subject: TableSubject) -> None:
    body = json.loads(subject.write_body(held(subject).select(slice(2)), "stored", "values"))
    assert (body["model"], body["version"], body["trace"]) == ("flats", 2, "values")
    assert body["dataframe_split"]["columns"] == ["area", "rooms", "town"]
    assert len(body["dataframe_split"]["data"]) == 2


def test_rows_are_selected_with_their_keys(subject: TableSubject) -> None:
    rows = held(subject).select(np.array([3, 1]))
    assert rows.keys == [held(subject).keys[3], held(subject).keys[1]]
    assert rows.rows.columns[1].tolist() == held(subject).rows.columns[1][[3, 1]].tolist()


def test_no_request_is_larger_than_the_service_says(bundle: TableBundle) -> None:
    class Small(StubClient):
        def get_version(self) -> Version:
            return Version([], {}, {}, limits=Limits(max_rows=50, max_body_bytes=4096))

    subject = TableSubject(Small("http://nowhere"), bundle, seed=1)
    for number in range(60):
        draws = subject.draws("wire", number)
        posted = subject.write(subject.draw_old(draws), draws)
        assert len(posted.rows) <= 50
        assert len(posted.sent.body) <= 4096


def test_each_kind_of_column_has_bad_cells_of_its_own(subject: TableSubject, bundle: TableBundle) -> None:
    bodies, row = (
        BadBodies(subject, subject.draws("errors", 0), "/v1/predict"),
        {"area": 70.0, "rooms": 2.0, "town": "x"},
    )
    told = [case.what for case in list_bad_cells(bodies, bundle.schema.columns, [row])]
    assert "half a number in rooms" in told
    assert "a number for text in town" in told
    assert not any("null" in case for case in told)
    told = [
        case.what for case in list_bad_cells(bodies, (ColumnSchema("x", "number", takes_missing=False),), [{"x": 1.0}])
    ]
    assert "a null in x" in told
    assert [case.kind.status for case in list_cases(subject, subject.draws("errors", 0))].count(400) >= 5
