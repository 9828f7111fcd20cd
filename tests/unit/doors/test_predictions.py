import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sklearn.linear_model import LogisticRegression, Ridge

from lockstep.bundles.registry import Registry, SelfCheck, Served
from lockstep.bundles.table import TableBundle
from lockstep.doors import table
from lockstep.doors.door import Received
from lockstep.doors.stored import write_rows
from lockstep.errors import InvalidInput
from lockstep.scoring.errors import RequestError
from lockstep.scoring.kinds import MALFORMED, TOO_LARGE, WRONG_KIND
from lockstep.scoring.score import score
from lockstep.scoring.service import load_service
from lockstep.scoring.settings import Settings
from lockstep.training.table_rows import TableRecipe
from tests.small_tables import TARGET, load_saved, load_table, make_gaps, save_table

ROW = {"price": 20.5, "rooms": 3, "town": "York"}


def serve(bundle: TableBundle) -> Served:
    return Served(bundle.manifest.name, 1, ("champion",), bundle, SelfCheck(1, 0.0))


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    """Sales (the default), iris and diabetes."""
    folder = tmp_path_factory.mktemp("models")
    sales = save_table(folder, make_gaps().without("value"), TableRecipe("sales", "is_dear", LogisticRegression()))
    iris = save_table(folder, load_table("iris"), TableRecipe("iris", TARGET, LogisticRegression()))
    diabetes = save_table(folder, load_table("diabetes"), TableRecipe("diabetes", TARGET, Ridge()))
    served = tuple(serve(load_saved(each)) for each in (sales, iris, diabetes))
    return Registry(served, served[0])


def post(registry: Registry, body: object, max_rows: int = 1000) -> dict[str, Any]:
    request = table.decode(Received(json.dumps(body).encode(), max_rows))
    answered: dict[str, Any] = json.loads(table.encode(score(registry, request), "the-id").body)
    return answered


def test_every_form_of_a_row_gets_the_same_answer(registry: Registry) -> None:
    cells = list(ROW.values())
    forms: list[object] = [
        {"dataframe_split": {"columns": ["town", "price", "rooms"], "data": [["York", 20.5, 3]]}},
        {"dataframe_records": [ROW]},
        {"instances": [cells]},
        cells,
        [ROW],
    ]
    first, *others = [post(registry, form) for form in forms]
    assert all(other == first for other in others)
    assert first["predictions"]["columns"] == ["prediction", "proba_cheap", "proba_dear"]
    assert first["predictions"]["data"][0][0] in ("cheap", "dear")
    assert (first["model"]["name"], first["model"]["kind"], first["request_id"]) == ("sales", "table", "the-id")
    assert (first["warnings"], "trace" in first) == ([], False)


def test_the_held_out_rows_get_the_evaluated_bits(registry: Registry) -> None:
    for served in registry.served:
        bundle = served.bundle
        assert isinstance(bundle, TableBundle)
        rows = write_rows(bundle.held_out.rows)
        answered = post(registry, {"dataframe_split": rows, "model": served.name})["predictions"]["data"]
        assert [row[0] for row in answered] == bundle.evaluation.y_pred.tolist()
        for place, label in enumerate(bundle.manifest.classes, 1):
            assert [row[place] for row in answered] == bundle.evaluation.cells[f"proba:{label}"].tolist()


def test_rows_are_answered_in_the_order_posted(registry: Registry) -> None:
    rows = [{**ROW, "price": price} for price in (9.0, 50.0, 21.0)]
    together = post(registry, rows)["predictions"]
    alone = [post(registry, [row])["predictions"]["data"][0] for row in rows]
    assert (together["data"], together["index"]) == (alone, [0, 1, 2])


def test_numbers_are_predicted_without_probabilities(registry: Registry) -> None:
    bundle = registry.served[2].bundle
    answered = post(registry, {**table.write_example(bundle), "model": "diabetes"})["predictions"]
    assert answered["columns"] == ["prediction"]
    assert answered["data"] == [[bundle.evaluation.y_pred[0]]]


def test_levels_add_the_bounds_of_intervals_in_the_order_asked(registry: Registry) -> None:
    bundle = registry.served[2].bundle
    assert isinstance(bundle, TableBundle)
    body = {"dataframe_split": write_rows(bundle.held_out.rows), "model": "diabetes"}
    answered, without = post(registry, {**body, "level": [95, 80]}), post(registry, body)
    frame = answered["predictions"]
    assert frame["columns"] == ["prediction", "lo-95", "hi-95", "lo-80", "hi-80"]
    assert [row[:1] for row in frame["data"]] == without["predictions"]["data"]
    errors = sorted(abs(bundle.evaluation.y_true - bundle.evaluation.y_pred).tolist())
    for place, level in ((1, 95), (3, 80)):
        below, rest = divmod(111 * level, 100)
        half = errors[below - 1] + rest / 100 * (errors[below] - errors[below - 1])
        for predicted, lower, upper in ((row[0], *row[place : place + 2]) for row in frame["data"]):
            assert (lower, upper) == (predicted - half, predicted + half)
    assert answered["interval"] == {
        "method": "split-conformal", "center": "prediction", "level": [95, 80], "rows": len(errors)
    }  # fmt: skip
    assert len(errors) == 110


def test_answer_without_levels_is_as_it_was(registry: Registry) -> None:
    body = {**table.write_example(registry.served[2].bundle), "model": "diabetes"}
    for asked in (body, {**body, "level": None}, {**body, "level": []}):
        answered = post(registry, asked)
        assert list(answered) == ["predictions", "model", "warnings", "request_id"]
        assert answered["predictions"]["columns"] == ["prediction"]


def test_intervals_of_an_imported_model_come_with_a_warning(registry: Registry) -> None:
    bundle = registry.served[2].bundle
    assert isinstance(bundle, TableBundle)
    imported = serve(replace(bundle, manifest=msgspec.structs.replace(bundle.manifest, learning_rows=0)))
    body = table.write_example(bundle)
    warned = post(Registry((imported,), imported), {**body, "level": [80]})["warnings"]
    assert warned == ["diabetes was imported: if it has learned from its test rows, its intervals are too narrow"]
    assert post(Registry((imported,), imported), body)["warnings"] == []


def test_levels_are_no_stages(registry: Registry) -> None:
    body = {**table.write_example(registry.served[2].bundle), "model": "diabetes", "trace": "digests"}
    assert post(registry, {**body, "level": [80]})["trace"] == post(registry, body)["trace"]


def test_labels_have_no_intervals(registry: Registry) -> None:
    with pytest.raises(InvalidInput, match="sales has no intervals: it answers labels, and only numbers have them"):
        post(registry, {"dataframe_records": [ROW], "level": [80]})
    assert "interval" not in post(registry, {"dataframe_records": [ROW], "level": []})


def test_level_is_the_same_number_however_json_writes_it(registry: Registry) -> None:
    body = {**table.write_example(registry.served[2].bundle), "model": "diabetes"}
    assert post(registry, {**body, "level": [80.0, 9e1]}) == post(registry, {**body, "level": [80, 90]})


def test_level_asked_for_twice_is_refused(registry: Registry) -> None:
    with pytest.raises(InvalidInput, match="level: 80 is there twice"):
        post(registry, {**table.write_example(registry.served[2].bundle), "model": "diabetes", "level": [80, 50, 80]})


@pytest.mark.parametrize("level", [0, 100, 80.5, -1, 0.8])
def test_number_that_is_no_whole_percent_is_refused_by_name(level: float, registry: Registry) -> None:
    with pytest.raises(InvalidInput, match=f"level: {level} is no level; expected whole percents from 1 to 99"):
        post(registry, {**table.write_example(registry.served[2].bundle), "model": "diabetes", "level": [80, level]})


@pytest.mark.parametrize("level", [["80"], 80, [None], [True]])
def test_what_is_no_list_of_numbers_is_malformed(level: object, registry: Registry) -> None:
    with pytest.raises(RequestError, match="`level` is a list of whole percents") as refused:
        post(registry, {**table.write_example(registry.served[2].bundle), "model": "diabetes", "level": level})
    assert refused.value.kind is MALFORMED


def test_the_trace_holds_every_stage(registry: Registry) -> None:
    values = post(registry, {"dataframe_records": [ROW], "trace": "values"})
    assert list(values["trace"]) == ["rows", "encoded", "decision", "proba", "prediction"]
    assert values["trace"]["proba"][0] == values["predictions"]["data"][0][1:]
    digests = post(registry, {"dataframe_records": [ROW], "trace": "digests"})["trace"]
    assert all(len(digests[stage][0]) == 64 for stage in digests if stage != "rows")


def test_what_was_not_learned_is_a_warning(registry: Registry) -> None:
    warned = post(registry, [{**ROW, "price": 1e4}, ROW, {**ROW, "town": "Oslo", "price": None}])["warnings"]
    assert [line.partition(" is ")[0] for line in warned] == ["row 0, price: 10000.0", "row 2, town: 'Oslo'"]


def test_bad_cells_are_listed(registry: Registry) -> None:
    with pytest.raises(InvalidInput) as refused:
        post(registry, [{**ROW, "price": "much"}, {**ROW, "rooms": 2.5}])
    assert refused.value.lines == [
        "row 0, price: 'much' is not a number",
        "row 1, rooms: 2.5 is not a whole number",
    ]


def test_a_missing_value_is_refused_where_the_model_needs_one(registry: Registry) -> None:
    with pytest.raises(InvalidInput, match="row 0, petal width: the value is missing, and the model needs one"):
        post(registry, {"instances": [[5.1, 3.5, 1.4, None]], "model": "iris"})


def test_more_rows_than_the_limit_are_refused(registry: Registry) -> None:
    with pytest.raises(RequestError, match="2 rows; this service takes 1") as refused:
        post(registry, [ROW, ROW], max_rows=1)
    assert refused.value.kind is TOO_LARGE


def test_rows_for_a_series_are_sent_to_its_route(registry: Registry, tmp_path: Path) -> None:
    series = load_service(Settings()).registry.default
    mixed = Registry((series, *registry.served), series)
    with pytest.raises(
        RequestError, match="models of a table: sales, iris, diabetes, which /v1/predict takes in `model`"
    ) as refused:
        post(mixed, [ROW])
    assert refused.value.kind is WRONG_KIND
    assert post(mixed, {"dataframe_records": [ROW], "model": "sales"})["model"]["name"] == "sales"
