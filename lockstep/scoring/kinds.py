"""Every kind of answer that is not a success, each declared once.

The wire, `/openapi.json`, docs/api/problems.md and docs/operations.md are made from these declarations. A new kind is
a new constant here, and its place in `KINDS`; `python -m tests.api_tables` then writes both tables. The module is long
because it is one list: nothing is declared elsewhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

EVERY_ROUTE, NO_ROUTE, WITH_KEY, LIMITED = "every route", "no route", "with key", "limited"
SCORING, CHOICE, NEGOTIATED = "scoring", "choice", "negotiated"
"""Which routes give a kind: all; none; those that ask who calls; those that count callers; those that score; those
that let a caller choose the model; those that let a caller choose the form of the answer."""


@dataclass(frozen=True)
class Kind:
    """What all answers of one kind have in common.

    `when` is for a caller, `remedy` for the operator. `headers` go with every such answer.
    """

    code: str
    status: int
    scope: str
    title: str
    when: str
    remedy: str
    headers: Mapping[str, str] = field(default_factory=dict, hash=False)


EMPTY = Kind(
    "empty",
    400,
    SCORING,
    "The body is empty",
    "no body; `message` is `no data`, as the tutorial's clients expect",
    "The caller posted no byte. Often a client lost its body in a redirect.",
)
MALFORMED = Kind(
    "malformed",
    400,
    SCORING,
    "The body is not in a form of this route",
    "not JSON (`NaN`, `Infinity`, cut off, not UTF-8, nested too deeply), or not a form that the route takes",
    "The body is not JSON in a form that the route takes, or it broke off. The detail names the place.",
)
BAD_REQUEST = Kind(
    "bad-request",
    400,
    EVERY_ROUTE,
    "The request is not HTTP",
    "a request line, a header or a length without meaning; what a trusted proxy forwards is no address",
    "Not HTTP: a scanner, or a client that speaks TLS to a port without it. If the detail names `X-Forwarded-For`: "
    "compare `LOCKSTEP_TRUSTED_PROXIES` with the proxies in front.",
)
UNAUTHORIZED = Kind(
    "unauthorized",
    401,
    WITH_KEY,
    "A valid API key is required",
    "no valid key, whichever way it is sent; without keys, the request came from elsewhere, "
    "through a proxy, for another host name or in HTTP/1.0",
    "The key is missing, misspelled or removed: compare the names in `LOCKSTEP_API_KEYS` with who calls. "
    "A service without keys behind a proxy needs keys.",
    {"WWW-Authenticate": 'ApiKey header="x-api-key"'},
)
FORBIDDEN = Kind(
    "forbidden",
    403,
    NO_ROUTE,
    "The address may not call this service",
    "only of a proxy that lets some addresses through, as in examples/ec2",
    "The caller's address is not in the proxy's list: in examples/ec2, `/etc/nginx/lockstep/callers.conf`.",
)
NOT_FOUND = Kind(
    "not-found", 404, NO_ROUTE, "There is no such route", "any other path", "The URL of the caller is wrong."
)
UNKNOWN_MODEL = Kind(
    "unknown-model",
    404,
    CHOICE,
    "There is no such model",
    "`model` or `version` names none that is served; the detail lists them",
    "The caller asks for a model or version that is not loaded. `/version` lists what is.",
)
METHOD_NOT_ALLOWED = Kind(
    "method-not-allowed",
    405,
    NO_ROUTE,
    "The route does not take this method",
    "`Allow` lists those that it takes, and the detail says what to send",
    "The caller sends GET instead of POST, or the reverse.",
)
NOT_ACCEPTABLE = Kind(
    "not-acceptable",
    406,
    NEGOTIATED,
    "The route does not answer in this form",
    "`Accept` takes none of the media types that the detail names",
    "The caller's `Accept` takes none of the media types that the detail lists. Without `Accept` the answer is JSON.",
)
WRONG_KIND = Kind(
    "wrong-kind",
    409,
    SCORING,
    "The route is for another kind of model",
    "a model of a table on a route for series, or the reverse; the detail names the right route, and the models of "
    "this one",
    "The caller posts to the route of another kind of model. `/version` lists the kind of each.",
)
LENGTH_REQUIRED = Kind(
    "length-required",
    411,
    EVERY_ROUTE,
    "The body needs a Content-Length",
    "a body in chunks, under uWSGI; gunicorn takes them",
    "uWSGI hands no body in chunks to the app. The client should send `Content-Length`, or you run gunicorn.",
)
TOO_LARGE = Kind(
    "too-large",
    413,
    SCORING,
    "The request is larger than this service takes",
    "too many bytes, rows, series, values or intervals; the detail names the limit",
    "More bytes or rows than the limit in the detail: post less, or raise `LOCKSTEP_MAX_BODY_BYTES` or "
    "`LOCKSTEP_MAX_ROWS`.",
)
URI_TOO_LONG = Kind(
    "uri-too-long",
    414,
    EVERY_ROUTE,
    "The request line is too long",
    "more than 4094 bytes",
    "The request line is too long. Forecasts are posted in the body.",
)
WRONG_MEDIA_TYPE = Kind(
    "media-type",
    415,
    SCORING,
    "The route does not read this type of body",
    "`Content-Type` names something else; the detail says what to send",
    "The caller should send the `Content-Type` that the detail names.",
)
CONTENT_ENCODING = Kind(
    "content-encoding",
    415,
    SCORING,
    "The body is compressed",
    "`Content-Encoding` is there; `Accept-Encoding: identity`",
    "The caller should send the body uncompressed.",
    {"Accept-Encoding": "identity"},
)
EXPECTATION_FAILED = Kind(
    "expectation-failed",
    417,
    EVERY_ROUTE,
    "The expectation is not met",
    "an `Expect` other than 100-continue",
    "The client sends an `Expect` other than `100-continue`.",
)
INVALID_INPUT = Kind(
    "invalid-input",
    422,
    SCORING,
    "Some cells cannot be right",
    "`problems` lists row, column and reason of at most 20, `total` counts them; from 10000 on there may be more",
    "Some cells cannot be right. The body lists them by row and column.",
)
MISSING_BARS = Kind(
    "missing-bars",
    422,
    SCORING,
    "The look-back of a row has sessions without a bar",
    "`rows` lists at most 20 rows that cannot be forecast, `total_rows` counts them; `missing_sessions` and `total` "
    "are those of the first of them",
    "The look-back of a row has sessions without a bar. The caller posts them, or you train on newer prices.",
)
UNKNOWN_SYMBOL = Kind(
    "unknown-symbol",
    422,
    CHOICE,
    "The request does not name one series",
    "`symbol` is that of no model, or of several, or it is missing for a model of many series",
    "No model forecasts the symbol, or several do: see `/version`, and `LOCKSTEP_MODELS`. A model of many series needs "
    "a `symbol` with each request.",
)
TOO_MANY_REQUESTS = Kind(
    "too-many-requests",
    429,
    LIMITED,
    "The key or the address sends too many requests",
    "more than LOCKSTEP_RATE_LIMIT; `Retry-After` is how many seconds to wait",
    "The key or the address sends more than `LOCKSTEP_RATE_LIMIT`. `Retry-After` is how many seconds to wait. Raise "
    "the limit if the caller is right.",
)
HEADERS_TOO_LARGE = Kind(
    "headers-too-large",
    431,
    EVERY_ROUTE,
    "The headers are too large",
    "more than 100 headers, or one of more than 8190 bytes, or all of more than 32768",
    "The client sends too many headers, or one that is too long.",
)
INTERNAL = Kind(
    "internal",
    500,
    EVERY_ROUTE,
    "The service failed",
    "the service's own fault; its log has the `request_id`",
    "The service's own fault. The log has its traceback under the same request id.",
)
NOT_IMPLEMENTED = Kind(
    "not-implemented",
    501,
    EVERY_ROUTE,
    "The transfer coding is not known",
    "a `Transfer-Encoding` other than chunked",
    "The client uses a transfer coding other than chunked.",
)
BAD_GATEWAY = Kind(
    "bad-gateway",
    502,
    NO_ROUTE,
    "The proxy got no answer from the service",
    "only of a proxy, as in examples/compose: nothing listens behind it, or the connection broke off; on Ray Serve, "
    "the replica died",
    "The service does not run, or ended a connection: see its log, and whether it restarts.",
)
OVERLOADED = Kind(
    "overloaded",
    503,
    NO_ROUTE,
    "The service takes no more requests now",
    "only on Ray Serve: every replica has `max_ongoing_requests`, and `max_queued_requests` wait; or none runs",
    "Too few replicas for the requests: raise `max_replicas`, or look at `serve status` for why none runs.",
    {"Retry-After": "1"},
)
UNPROVEN_SERIES = Kind(
    "unproven-series",
    503,
    CHOICE,
    "The series does not reproduce its evaluation",
    "the series of a model of many, whose files or answers are not the evaluated ones; the others are served",
    "The files or the answers of one series are not the evaluated ones: `lockstep verify` says where. Restore the "
    "files and reload; the other series are served meanwhile.",
)
GATEWAY_TIMEOUT = Kind(
    "gateway-timeout",
    504,
    NO_ROUTE,
    "The proxy waited too long for the service",
    "only of a proxy, as in examples/compose: no answer in 30 s; on Ray Serve, in `request_timeout_s`",
    "All workers are busy, or stand still: post fewer rows at once, or raise `WEB_CONCURRENCY`.",
)

KINDS = (
    EMPTY,
    MALFORMED,
    BAD_REQUEST,
    UNAUTHORIZED,
    FORBIDDEN,
    NOT_FOUND,
    UNKNOWN_MODEL,
    METHOD_NOT_ALLOWED,
    NOT_ACCEPTABLE,
    WRONG_KIND,
    LENGTH_REQUIRED,
    TOO_LARGE,
    URI_TOO_LONG,
    WRONG_MEDIA_TYPE,
    CONTENT_ENCODING,
    EXPECTATION_FAILED,
    INVALID_INPUT,
    MISSING_BARS,
    UNKNOWN_SYMBOL,
    TOO_MANY_REQUESTS,
    HEADERS_TOO_LARGE,
    INTERNAL,
    NOT_IMPLEMENTED,
    BAD_GATEWAY,
    OVERLOADED,
    UNPROVEN_SERIES,
    GATEWAY_TIMEOUT,
)


def kinds_of(*scopes: str) -> tuple[Kind, ...]:
    """Return the kinds of some scopes, in the order declared."""
    return tuple(kind for kind in KINDS if kind.scope in scopes)
