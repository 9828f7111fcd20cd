"""The OpenAPI 3.1 document, made from the wire types, the registry of problems and the bundle that is served."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

import msgspec
from prometheus_client import CONTENT_TYPE_LATEST

from lockstep.data.bars import DATE, VALUE_COLUMNS
from lockstep.data.schema import NumberedBars
from lockstep.doors.answers import describe_forecast
from lockstep.doors.payload import ForecastRequest, Frame, encode_predictions
from lockstep.doors.wire import ForecastAnswer, Health, Index, Predictions, Readiness, Version
from lockstep.scoring.problems import (
    BAD_REQUEST,
    CONTENT_ENCODING,
    EMPTY,
    EXPECTATION_FAILED,
    HEADERS_TOO_LARGE,
    INTERNAL,
    INVALID_BARS,
    MALFORMED,
    MEDIA_TYPE,
    METHOD_NOT_ALLOWED,
    MISSING_BARS,
    NOT_FOUND,
    NOT_IMPLEMENTED,
    TOO_LARGE,
    TOO_MANY_REQUESTS,
    UNAUTHORISED,
    UNKNOWN_MODEL,
    UNKNOWN_SYMBOL,
    URI_TOO_LONG,
    WRONG_MEDIA_TYPE,
    Kind,
    ProblemBody,
)
from lockstep.scoring.service import Service

OF_NO_ROUTE = (NOT_FOUND, METHOD_NOT_ALLOWED)
OF_EVERY_ROUTE = (
    BAD_REQUEST,
    URI_TOO_LONG,
    EXPECTATION_FAILED,
    HEADERS_TOO_LARGE,
    INTERNAL,
    NOT_IMPLEMENTED,
)
OF_FORECASTS = (
    EMPTY,
    MALFORMED,
    UNAUTHORISED,
    TOO_LARGE,
    WRONG_MEDIA_TYPE,
    CONTENT_ENCODING,
    INVALID_BARS,
    MISSING_BARS,
    TOO_MANY_REQUESTS,
)
ANSWERS = (ForecastRequest, Frame, ForecastAnswer, Health, Index, Predictions, ProblemBody, Readiness, Version)
COMPONENT = "#/components/schemas/{name}"
API_VERSION = "1"
KEY, BEARER = "apiKey", "bearer"
REQUEST_ID = "00000000000000000000000000000000"
Document = dict[str, Any]


def describe_api(service: Service) -> Document:
    """Return the OpenAPI document of a service; its examples are what the first bundle answers."""
    _, schemas = msgspec.json.schema_components(ANSWERS, ref_template=COMPONENT)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Lockstep",
            "version": API_VERSION,
            "description": "Forecasts the next bar's gross return. Other paths are 404 `not-found`, other methods 405 "
            "`method-not-allowed`, with the same body as every problem. docs/api.md tells what leads to which code.",
        },
        "paths": {**_describe_forecasts(service), **_describe_pages(), "/metrics": _describe_metrics(service)},
        "components": {
            "schemas": schemas,
            "headers": {
                "X-Request-Id": {"schema": {"type": "string"}, "description": "the client's own where it has the form"},
                "X-Model-Digest": {"schema": {"type": "string"}, "description": "the digest of the bundle"},
            },
            "securitySchemes": {
                KEY: {"type": "apiKey", "in": "header", "name": "x-api-key"},
                BEARER: {"type": "http", "scheme": "bearer"},
            },
        },
    }


def _describe_forecasts(service: Service) -> Document:
    frame, predictions, answer = _make_examples(service)
    security: list[Document] = [{KEY: []}] if service.settings.api_keys else [{}, {KEY: []}]
    return {
        "/forecast": {
            "post": {
                "operationId": "forecast",
                "summary": "Forecast the rows of a split-oriented frame; any content type that is a name for JSON",
                "security": security,
                "requestBody": {"required": True, "content": _content(Frame, frame)},
                "responses": _responses(Predictions, (*OF_EVERY_ROUTE, *OF_FORECASTS), predictions),
            }
        },
        "/v1/forecast": {
            "post": {
                "operationId": "forecast_v1",
                "summary": "Forecast a frame, or one in `dataframe_split`, and tell dates, model and warnings",
                "security": security,
                "requestBody": {"required": True, "content": _content(ForecastRequest, {"dataframe_split": frame})},
                "responses": _responses(
                    ForecastAnswer, (*OF_EVERY_ROUTE, *OF_FORECASTS, UNKNOWN_MODEL, UNKNOWN_SYMBOL), answer
                ),
            }
        },
    }


def _describe_pages() -> Document:
    index = _describe_page("index", "What this is; a page for a browser", Index)
    index["get"]["responses"]["200"]["content"]["text/html"] = {"schema": {"type": "string"}}
    ready = _describe_page("ready", "Whether every self-check passed", Readiness)
    ready["get"]["responses"]["503"] = _response("not ready, with the reasons", _content(Readiness))
    openapi = _describe_page("openapi", "This document", None)
    return {
        "/": index,
        "/health": _describe_page("health", "Whether the process is alive", Health),
        "/ready": ready,
        "/version": _describe_page("version", "Exactly what is running", Version),
        "/openapi.json": openapi,
    }


def _describe_metrics(service: Service) -> Document:
    metrics = _describe_page("metrics", "Counts and durations for Prometheus", None, (*OF_EVERY_ROUTE, UNAUTHORISED))
    metrics["get"]["responses"]["200"]["content"] = {CONTENT_TYPE_LATEST: {"schema": {"type": "string"}}}
    metrics["get"]["security"] = [{KEY: []}, {BEARER: []}] if service.settings.api_keys else [{}]
    return metrics


def _describe_page(name: str, summary: str, answer: type | None, kinds: Sequence[Kind] = OF_EVERY_ROUTE) -> Document:
    return {"get": {"operationId": name, "summary": summary, "responses": _responses(answer, kinds)}}


def _responses(answer: type | None, kinds: Sequence[Kind], example: object = None) -> Document:
    """Return the answers of a route by status; kinds of one status are told apart by their code."""
    ordered = sorted(kinds, key=lambda kind: kind.status)
    problems = {str(status): _describe_problems(list(alike)) for status, alike in groupby(ordered, lambda k: k.status)}
    return {"200": _response("the answer", _content(answer, example)), **problems}


def _describe_problems(kinds: Sequence[Kind]) -> Document:
    codes = {"properties": {"code": {"enum": [kind.code for kind in kinds]}}}
    schema = {"allOf": [_reference(ProblemBody), codes]}
    description = "; ".join(f"`{kind.code}`: {kind.title}" for kind in kinds)
    return _response(description, {MEDIA_TYPE: {"schema": schema}})


def _response(description: str, content: Document) -> Document:
    headers = {name: {"$ref": f"#/components/headers/{name}"} for name in ("X-Request-Id", "X-Model-Digest")}
    return {"description": description, "headers": headers, "content": content}


def _content(body: type | None, example: object = None) -> Document:
    described: Document = {"schema": _reference(body) if body else {"type": "object"}}
    return {"application/json": {**described, "example": example} if example is not None else described}


def _reference(body: type) -> Document:
    return {"$ref": COMPONENT.format(name=body.__name__)}


def _make_examples(service: Service) -> tuple[object, object, object]:
    """Return the newest stored bar as a frame, and what the two routes answer to it."""
    served = service.registry.default
    bundle = served.bundle
    posted = bundle.bars.select(slice(-1, None))
    row = [str(posted.dates[0]), *posted.values[:, 0].tolist()]
    frame = {"columns": [DATE, *VALUE_COLUMNS], "data": [row]}
    forecast = bundle.forecaster.forecast(posted)
    answer = describe_forecast(
        served,
        NumberedBars(posted, bundle.calendar.session_numbers(posted.dates)),
        forecast,
        ForecastRequest(),
        REQUEST_ID,
    )
    return frame, msgspec.json.decode(encode_predictions(forecast.prediction)), msgspec.to_builtins(answer)
