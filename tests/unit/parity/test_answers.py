"""Answers of any form are read, or are findings: none ends a run, whatever a service writes."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from lockstep.bundles.series import SeriesBundle
from lockstep.parity.answers import UnexpectedAnswer, read_answer
from lockstep.parity.checks import CHECKS
from lockstep.parity.scope import Scope
from lockstep.parity.subjects import make_subject
from lockstep.parity.suite import Verdict, run_checks
from lockstep.scoring.settings import Settings
from lockstep.web.app import create_app
from qa.in_process import AppClient, Wsgi
from tests.parity.mutants.seen import Seen, Told, stand_between

KEYS = ["2013-02-28", "2013-03-01"]


def test_bars_are_keyed_by_the_answers_own_dates() -> None:
    frame = {"columns": ["y_pred", "date"], "data": [[1.5, "2013-03-01"], [None, "2013-02-28"]]}
    answer = read_answer({"forecast": frame}, KEYS)
    assert (answer.keys, answer.predictions) == (["2013-03-01", "2013-02-28"], [1.5, None])


@pytest.mark.parametrize(
    "told", [{"y_pred": "[1.5, 2.5]"}, {"predictions": {"columns": ["prediction"], "data": [[1.5], [2.5]]}}]
)
def test_an_answer_without_dates_is_keyed_by_the_order_posted(told: dict[str, Any]) -> None:
    answer = read_answer(told, KEYS)
    assert (answer.keys, answer.predictions) == (KEYS, [1.5, 2.5])


@pytest.mark.parametrize(
    "told", [[], None, 5, "y_pred", {}, {"forecast": None}, {"forecast": {"columns": [], "data": []}},
             {"y_pred": None}, {"y_pred": "[[1.0], 2.0]"}, {"y_pred": [1.0, 2.0]}, {"y_pred": "[1.0]"},
             {"y_pred": "[]"}, {"y_pred": '{"0": 1.0, "1": 2.0}'}, {"y_pred": '"ab"'},
             {"forecast": {"columns": ["date", "y_pred"], "data": [["d", [1.0]]]}},
             {"forecast": {"columns": ["date", "y_pred", "proba_up"], "data": [["d", "up", {}]]}},
             {"forecast": {"columns": ["date", "y_pred"], "data": [[["d"], 1.0]]}},
             {"forecast": {"columns": ["date", "y_pred"], "data": [["d", 1.0]]}, "trace": {"rows": [0], "leaf": 7}},
             {"forecast": {"columns": ["date", "y_pred"], "data": [["d", 1.0]]}, "trace": {"rows": [1], "leaf": [7]}},
             {"forecast": {"columns": ["date", "y_pred"], "data": [["d", 1.0]]}, "trace": None}],
)  # fmt: skip
def test_an_answer_that_is_no_prediction_is_unexpected(told: Any) -> None:
    with pytest.raises(UnexpectedAnswer):
        read_answer(told, KEYS)


@pytest.fixture(scope="module")
def app() -> Wsgi:
    return create_app(Settings(rate_limit=None)).wsgi_app


def add(**members: Any) -> Callable[[bytes], bytes]:
    return lambda body: json.dumps({**json.loads(body), **members}).encode()


def post_dict(body: bytes) -> bytes:
    values = json.loads(json.loads(body).get("y_pred", "[]"))
    return json.dumps({"y_pred": json.dumps(dict(enumerate(values)))}).encode()


@pytest.mark.parametrize(
    "change",
    [
        post_dict,
        add(forecast=5),
        add(predictions=[1]),
        add(predictions={"columns": ["a"], "data": [[]]}),
        add(detail=float("nan")),
        add(detail="\ud800"),
        lambda body: body.decode().encode("utf-16"),
        lambda _: b"[" * 3000,
    ],
)
@pytest.mark.parametrize("name", ["batch", "errors"])
def test_an_answer_of_any_form_is_a_finding(
    name: str, change: Callable[[bytes], bytes], app: Wsgi, default_bundle: SeriesBundle
) -> None:
    def spoil(seen: Seen, told: Told) -> Told:
        is_asked = seen.environ["REQUEST_METHOD"] == "POST"
        return Told(told.status, told.headers, change(told.body)) if is_asked else told

    client = AppClient(stand_between(app, spoil), default_bundle.manifest.name)
    subject = make_subject(client, default_bundle, 1, Scope({name: [0, 1]}))
    report = run_checks(subject, checks=[check for check in CHECKS if check.name == name])
    assert report.verdict is Verdict.DIVERGED
