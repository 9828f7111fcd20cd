"""Watch an app's requests: each is counted and gets its record, and `/metrics` tells the counts."""

from flask import Blueprint, Flask, Response, g, request
from prometheus_client import CONTENT_TYPE_LATEST

from lockstep.scoring.errors import Unauthorized
from lockstep.scoring.keys import find_key
from lockstep.scoring.metrics import Metrics
from lockstep.scoring.record import RECORD, UNKNOWN_ROUTE, RequestRecord
from lockstep.scoring.service import Service
from lockstep.scoring.settings import Settings, is_loopback

BEARER = "bearer"


def watch_requests(app: Flask, service: Service) -> None:
    """Keep a record of each request, from before every other hook to after it, and add `/metrics`."""
    metrics = Metrics(service)

    @app.before_request
    def begin() -> None:
        rule = request.url_rule
        g.record = request.environ[RECORD] = RequestRecord(request.method, rule.rule if rule else UNKNOWN_ROUTE)
        metrics.in_flight.inc()

    @app.after_request
    def end(response: Response) -> Response:
        record: RequestRecord = g.record
        record.request_id = response.headers.get("X-Request-Id")
        record.digest = response.headers.get("X-Model-Digest")
        record.status = response.status_code
        record.end()
        metrics.count(record)
        return response

    @app.teardown_request
    def leave(_: BaseException | None) -> None:
        metrics.in_flight.dec()

    app.register_blueprint(_make_page(service.settings, metrics))


def _make_page(settings: Settings, metrics: Metrics) -> Blueprint:
    page = Blueprint("metrics", __name__)

    @page.get("/metrics")
    def get_metrics() -> Response:
        g.record.key = _check_reader(settings)
        return Response(metrics.render(), content_type=CONTENT_TYPE_LATEST)

    return page


def _check_reader(settings: Settings) -> str | None:
    """Return the name of the key that was shown; raise `Unauthorized` for a caller who may not read the counts."""
    if not settings.api_keys:
        if is_loopback(request.remote_addr or "localhost"):
            return None
        raise Unauthorized("without keys, /metrics answers its own machine only")
    bearer = request.authorization.token if request.authorization and request.authorization.type == BEARER else None
    key = find_key(settings.api_keys, request.headers.get("x-api-key") or bearer or "")
    if key is None:
        raise Unauthorized("/metrics needs a valid key in x-api-key, or as Authorization: Bearer")
    return key.name
