import html
from datetime import UTC, datetime

import pytest

from lockstep.bundles.series import SeriesBundle
from lockstep.parity.asking import Requests, UnknownRequest
from lockstep.parity.checks import CHECKS
from lockstep.parity.recording import record_run
from lockstep.parity.reports.html import render_html
from lockstep.parity.reports.junit import render_junit
from lockstep.parity.reports.markdown import render_markdown
from lockstep.parity.scope import Scope
from lockstep.parity.series import SeriesSubject
from lockstep.parity.subjects import make_subject
from lockstep.parity.suite import Verdict, run_checks
from lockstep.parity.transport import Asked, Transport
from lockstep.scoring.settings import Settings
from lockstep.web.app import create_app
from qa.in_process import AppClient, Wsgi
from tests.parity.mutants import answers
from tests.parity.mutants.proxies import nudge
from tests.parity.mutants.seen import stand_between

DRAWN = {check.name: check.run for check in CHECKS if isinstance(check.run, Requests)}


class RecordingClient(AppClient):
    """A client that keeps what it sends."""

    def __init__(self, app: Wsgi, model: str) -> None:
        super().__init__(app, model)
        self.sent: list[Asked] = []

    def _transport(self) -> Transport:
        inner, sent = super()._transport(), self.sent

        class Keeping(Transport):
            def __init__(self) -> None:
                pass

            def exchange(self, asked: Asked) -> object:  # type: ignore[override] # a reply
                sent.append(asked)
                return inner.exchange(asked)

        return Keeping()


@pytest.fixture(scope="module")
def app() -> Wsgi:
    return create_app(Settings(rate_limit=None)).wsgi_app


def send(name: str, app: Wsgi, bundle: SeriesBundle, seed: int, scope: Scope | None = None) -> list[Asked]:
    client = RecordingClient(app, bundle.manifest.name)
    subject = make_subject(client, bundle, seed, scope or Scope())
    run_checks(subject, checks=[check for check in CHECKS if check.name == name])
    return [asked for asked in client.sent if asked.method == "POST"]


@pytest.mark.parametrize("name", sorted({*DRAWN} - {"repeat", "concurrent"}))
def test_one_request_is_sent_again_byte_for_byte(name: str, app: Wsgi, default_bundle: SeriesBundle) -> None:
    whole = send(name, app, default_bundle, 5)
    for number in (0, 1):
        again = send(name, app, default_bundle, 5, Scope({name: [number]}))
        assert [(each.path, each.body, each.headers) for each in again] == [
            (each.path, each.body, each.headers) for each in whole[: len(again)]
        ]
        whole = whole[len(again) :]  # a backtest is asked in pages, and its rows are forecast as well


def test_another_seed_asks_otherwise(app: Wsgi, default_bundle: SeriesBundle) -> None:
    bodies = [{asked.body for asked in send("chunks", app, default_bundle, seed)} for seed in (5, 6)]
    assert bodies[0].isdisjoint(bodies[1])


def test_what_is_posted_varies_in_every_respect(app: Wsgi, default_bundle: SeriesBundle) -> None:
    asked = send("chunks", app, default_bundle, 5)
    agents = {each.headers["User-Agent"] for each in asked}
    assert len(agents) > 10
    assert None in agents
    for member in (b'"model"', b'"version"', b'"symbol"', b'"history"', b'"trace"', b'"index"', b"T00:00", b"\n"):
        assert 0 < sum(member in (each.body or b"") for each in asked) < len(asked)
    assert {each.path for each in asked} == {"/forecast", "/v1/forecast"}


def test_a_failure_names_its_request_and_the_command_that_sends_it_again(
    app: Wsgi, default_bundle: SeriesBundle
) -> None:
    wrong = stand_between(app, lambda seen, told: nudge(told) if b'"values"' in seen.body else told)
    scope = Scope(options=("--bundle", "models/msft"))
    checks = [check for check in CHECKS if check.name == "chunks"]
    subject = make_subject(AppClient(wrong, "msft"), default_bundle, 5, scope)
    [result] = run_checks(subject, checks=checks).results
    assert result.verdict is Verdict.DIVERGED
    first = result.comparison.requests[0]
    assert result.again == f"lockstep parity http://in-process --bundle models/msft --seed 5 --only {first}"
    assert result.route == "/v1/forecast"
    alone = make_subject(AppClient(wrong, "msft"), default_bundle, 5, Scope({"chunks": [int(first.split(":")[1])]}))
    [again] = run_checks(alone, checks=checks).results
    assert again.comparison.requests == (first,)


def test_a_difference_of_the_plain_route_alone_shows_in_every_report(app: Wsgi, default_bundle: SeriesBundle) -> None:
    wrong = stand_between(app, lambda seen, told: nudge(told) if seen.path == "/forecast" else told)
    checks = [check for check in CHECKS if check.name == "batch"]
    client = AppClient(wrong, "msft")
    subject = make_subject(client, default_bundle, 5)
    report = run_checks(subject, checks=checks)
    record = record_run(subject, report, client.get_version(), datetime.now(UTC))
    differing = [pair for pair in record.predictions if pair.evaluated != pair.served]
    assert record.differing["prediction"][""] == len(differing) > 0
    [batch] = record.checks
    for text in (render_html(record), render_markdown(record), render_junit(record)):
        assert "first in the answer to POST /forecast" in text
        assert batch.again in html.unescape(text)


def test_a_request_that_there_is_not_is_refused(app: Wsgi, default_bundle: SeriesBundle) -> None:
    subject = SeriesSubject(AppClient(app, "msft"), default_bundle, 1, Scope({"batch": [2]}))
    with pytest.raises(UnknownRequest, match="batch has 2 requests for this bundle, numbered from 0"):
        DRAWN["batch"](subject)


def test_an_answer_of_another_form_is_a_finding_and_ends_no_run(app: Wsgi, default_bundle: SeriesBundle) -> None:
    wrong = answers.spoil(app, lambda _: b"[]")
    subject = SeriesSubject(AppClient(wrong, "msft"), default_bundle, 1, Scope({"chunks": [0, 1, 2]}))
    found = DRAWN["chunks"](subject)
    assert found.requests == ("chunks:0", "chunks:1", "chunks:2")
