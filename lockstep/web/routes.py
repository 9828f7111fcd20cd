"""The routes that forecast."""

import msgspec
from flask import Blueprint, Response, g, request
from gunicorn.http.errors import ParseException
from werkzeug.exceptions import ClientDisconnected

from lockstep.bundles.bundle import Bundle
from lockstep.bundles.registry import Served
from lockstep.data.schema import NumberedBars
from lockstep.doors.answers import describe_forecast
from lockstep.doors.payload import Frame, check_extent, encode_predictions, parse_frame, parse_request, read_bars
from lockstep.scoring.errors import CompressedBody, RequestError, TooLarge, Unauthorised, WrongMediaType
from lockstep.scoring.keys import find_key
from lockstep.scoring.rate_limits import RateLimiter
from lockstep.scoring.service import Service
from lockstep.scoring.settings import Settings, is_loopback

JSON = "application/json"
UNTYPED = {"", "text/plain", "application/octet-stream", "application/x-www-form-urlencoded"}
"""What the tutorial's clients and curl send with a JSON body when nobody tells them a type."""


def make_routes(service: Service) -> Blueprint:
    """Return the blueprint of `/forecast` and `/v1/forecast`."""
    routes = Blueprint("forecast", __name__)
    settings = service.settings
    limiter = RateLimiter(settings.rate_limit, settings.redis_url) if settings.rate_limit else None

    @routes.before_request
    def require_key() -> None:
        key = find_key(settings.api_keys, request.headers.get("x-api-key", ""))
        if limiter:  # before the key is judged: wrong ones count as well, and over the limit none is told from another
            limiter.admit(address=request.remote_addr or "localhost", **({"key": key.name} if key else {}))
        if settings.api_keys:
            if key is None:
                raise Unauthorised("the header x-api-key is missing or holds no valid key")
            g.record.key = key.name
        elif not (settings.allow_anonymous or is_loopback(request.remote_addr or "localhost")):
            raise Unauthorised("this service has no keys, and answers its own machine only")

    @routes.post("/forecast")
    def post_forecast() -> Response:
        _check_media_type(UNTYPED)
        bundle = _answer_with(service.registry.default).bundle
        posted = _read_bars(parse_frame(_read_body(settings)), bundle)
        forecast = bundle.forecaster.forecast(posted.bars, sessions=posted.sessions)
        g.record.end_stage("forecast")
        return _respond(encode_predictions(forecast.prediction))

    @routes.post("/v1/forecast")
    def post_v1_forecast() -> Response:
        _check_media_type({""})
        asked = parse_request(_read_body(settings))
        served = _answer_with(service.registry.pick(asked.model, asked.version, asked.symbol))
        posted = _read_bars(asked.frame, served.bundle)
        forecast = served.bundle.forecaster.forecast(posted.bars, asked.history == "stored", posted.sessions)
        g.record.end_stage("forecast")
        answer = describe_forecast(served, posted, forecast, asked, g.request_id)
        return _respond(msgspec.json.encode(answer))

    def _read_bars(frame: Frame, bundle: Bundle) -> NumberedBars:
        g.record.rows = len(frame.data)
        posted = read_bars(frame, bundle.schema, settings.max_rows)
        g.record.end_stage("parse")
        return posted

    return routes


def _respond(body: bytes) -> Response:
    g.record.end_stage("render")
    return Response(body, content_type=JSON)


def _answer_with(served: Served) -> Served:
    g.served = served
    return served


def _check_media_type(untyped: set[str]) -> None:
    media_type = request.mimetype
    if media_type != JSON and media_type not in untyped and not media_type.endswith("+json"):
        raise WrongMediaType(f"the body is declared as {media_type[:80]!r}; send Content-Type: {JSON}")


def _read_body(settings: Settings) -> bytes:
    if encoding := request.headers.get("Content-Encoding"):
        raise CompressedBody(f"the body is declared as {encoding[:80]!r}; send it as it is, without Content-Encoding")
    g.record.begin_stages()
    max_bytes, declared = settings.max_body_bytes, request.content_length or 0
    if declared <= max_bytes:
        body = _receive_body()
        if len(body) < declared:
            raise RequestError(f"the body ends after {len(body)} of the {declared} bytes that Content-Length declares")
        if len(body) <= max_bytes:
            g.record.end_stage("read")
            check_extent(body, settings.max_rows)
            return body
    raise TooLarge(f"the body has more than the {max_bytes} bytes that this service takes")


def _receive_body() -> bytes:
    try:
        return request.get_data(cache=False)
    except ParseException as error:
        raise RequestError(f"the body cannot be read to its end: {error}") from error
    except (ClientDisconnected, OSError) as error:
        raise RequestError(
            "the body cannot be read to its end: the client ended it early, or sent it too slowly"
        ) from error
