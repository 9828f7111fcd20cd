"""The routes that describe what is running: `/`, `/health`, `/ready`, `/version`, reports, `/openapi.json`, `/metrics`.

`/health` and `/ready` answer everyone. Reports are for whoever may forecast, and `/metrics` needs a key. The others
need none if the service has keys, and answer its own machine only if it has not.
"""

from bisect import bisect_right
from collections.abc import Callable

import msgspec
from flask import Response, g, request
from msgspec import UNSET

from lockstep.bundles.panels.bundle import PanelBundle
from lockstep.bundles.registry import Registry, Served
from lockstep.bundles.series import SeriesBundle
from lockstep.doors.answers import describe_model
from lockstep.doors.door import COUNTS, HTML, JSON, KEY, SHOWN, Route
from lockstep.doors.wire import Health, Index, Limits, ModelVersion, Readiness, SelfCheckResult, Symbols, Version
from lockstep.predict.exact.model import ExactModel
from lockstep.report_card.card import ReportCard
from lockstep.scoring.exposition import CONTENT_TYPE
from lockstep.scoring.kinds import CHOICE, LIMITED, WITH_KEY
from lockstep.web.addresses import INDEX, SYMBOL
from lockstep.web.console.index import show_index
from lockstep.web.console.pages import CONSOLE
from lockstep.web.hooks import choose_document
from lockstep.web.site import Site

AFTER = "after"
MAX_SYMBOLS = 10_000
"""So many symbols are in one answer: far more than most panels have, and some 100 kB."""
FOR_PEOPLE = (INDEX, *(route.name for route, _ in CONSOLE))
"""The routes that `GET /` does not list for programs."""


def get_index(site: Site) -> Response:
    """Return what this is: a page for a browser, JSON for a program."""
    if _wants_page():
        return show_index(site)
    links = {name: f"{route.method} {route.path}" for name, route in site.routes.items() if name not in FOR_PEOPLE}
    return _respond(Index("lockstep", [describe_model(each) for each in site.service.registry.served], links))


def get_health(_: Site) -> Response:
    """Return that the process is alive."""
    return _respond(Health("alive"))


def get_ready(site: Site) -> Response:
    """Return whether every self-check passed, with status 503 if one did not."""
    registry = site.service.registry
    faults = registry.faults
    status = "not ready" if faults else "ready"
    return _respond(
        Readiness(status, faults, _describe_checks(registry), [*registry.broken, *registry.list_failed()]),
        503 if faults else 200,
    )


def get_version(site: Site) -> Response:
    """Return exactly what is running."""
    service = site.service
    models = [_describe_version(each, service.registry) for each in service.registry.served]
    checks, settings = _describe_checks(service.registry), service.settings
    limits = Limits(settings.max_rows, settings.max_body_bytes)
    server = request.environ.get("SERVER_SOFTWARE", "unknown")
    return _respond(Version(models, site.libraries, settings.commit, checks, site.machine, limits, server))


def get_report(site: Site, model: str, version: str | None = None) -> Response:
    """Return the report card of a version, a number or an alias, else of the champion; of a panel that of one series.

    Raises `UnknownModel`, `UnknownSymbol` or `UnprovenSeries`.
    """
    symbol = request.args.get(SYMBOL)
    g.record.served = served = site.service.registry.pick(model, version, symbol)
    written = site.write_card(served.name, served.version, symbol)
    return _show(written.as_page) if _wants_page() else Response(written.as_json, content_type=JSON)


def get_symbols(site: Site, model: str) -> Response:
    """Return the symbols of a model's champion after the one in the address, at most `MAX_SYMBOLS`.

    Raises `UnknownModel`.
    """
    g.record.served = served = site.service.registry.choose(model)
    bundle = served.bundle
    known = bundle.index.symbols if isinstance(bundle, PanelBundle) else [served.symbol] if served.symbol else []
    symbols = sorted(known)
    start = bisect_right(symbols, request.args.get(AFTER, ""))
    page = symbols[start : start + MAX_SYMBOLS]
    following = page[-1] if start + len(page) < len(symbols) else UNSET
    return _respond(Symbols(served.name, served.version, len(symbols), page, following))


def get_openapi(site: Site) -> Response:
    """Return the OpenAPI document."""
    return Response(choose_document(site), content_type=JSON)


def get_metrics(site: Site) -> Response:
    """Return the counts of all workers."""
    return Response(site.metrics.render(), content_type=CONTENT_TYPE)


def _report(path: str, name: str, summary: str) -> Route:
    media_types, scopes = (JSON, HTML), (WITH_KEY, LIMITED, CHOICE)
    return Route(
        "GET",
        path,
        name,
        summary,
        ReportCard,
        access=KEY,
        scopes=scopes,
        media_types=media_types,
        queries=(SYMBOL,),
    )


PAGES: tuple[tuple[Route, Callable[..., Response]], ...] = (
    (
        Route(
            "GET",
            "/",
            INDEX,
            "What is served; for a browser the console, which `model`, `version` and `symbol` choose",
            Index,
            access=SHOWN,
            scopes=(WITH_KEY,),
            media_types=(JSON, HTML),
        ),
        get_index,
    ),
    (Route("GET", "/health", "health", "Whether the process is alive", Health), get_health),
    (Route("GET", "/ready", "ready", "Whether every self-check passed", Readiness, statuses=(200, 503)), get_ready),
    (
        Route("GET", "/version", "version", "Exactly what is running", Version, access=SHOWN, scopes=(WITH_KEY,)),
        get_version,
    ),
    (_report("/v1/models/{model}/report", "report", "What a model is worth; a page for a browser"), get_report),
    (
        _report(
            "/v1/models/{model}/versions/{version}/report", "report_version", "What a version, or an alias, is worth"
        ),
        get_report,
    ),
    (
        Route(
            "GET",
            "/v1/models/{model}/symbols",
            "symbols",
            "The symbols that a model forecasts",
            Symbols,
            access=KEY,
            scopes=(WITH_KEY, LIMITED, CHOICE),
            queries=(AFTER,),
        ),
        get_symbols,
    ),
    (
        Route(
            "GET",
            "/openapi.json",
            "openapi",
            "The description of these routes, OpenAPI 3.1",
            access=SHOWN,
            scopes=(WITH_KEY, LIMITED),
        ),
        get_openapi,
    ),
    (
        Route(
            "GET",
            "/metrics",
            "metrics",
            "Counts and durations for Prometheus",
            access=COUNTS,
            scopes=(WITH_KEY, LIMITED),
            media_types=(CONTENT_TYPE,),
        ),
        get_metrics,
    ),
)


def _respond(answer: msgspec.Struct, status: int = 200) -> Response:
    return Response(msgspec.json.encode(answer), status, content_type=JSON)


def _wants_page() -> bool:
    return request.accept_mimetypes.best_match([JSON, HTML]) == HTML


def _show(page: str) -> Response:
    return Response(page, content_type=f"{HTML}; charset=utf-8")


def _describe_version(served: Served, registry: Registry) -> ModelVersion:
    bundle = served.bundle
    return ModelVersion(
        **msgspec.structs.asdict(describe_model(served)),
        default=served is registry.default,
        predictor="exact" if isinstance(bundle.model, ExactModel) else "scikit-learn",
        guarantees=dict(bundle.guarantees),
        trained_with=bundle.manifest.libraries,
        whole_history=isinstance(bundle, SeriesBundle | PanelBundle) and bundle.feature_set.whole_history,
    )


def _describe_checks(registry: Registry) -> dict[str, SelfCheckResult]:
    checks = {str(served): served.self_check for served in registry.served}
    return {
        name: SelfCheckResult(check.rows, round(check.duration_s, 4), check.fault is None)
        for name, check in checks.items()
    }
