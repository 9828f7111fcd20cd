"""The routes that tell what is running: `/`, `/health`, `/ready`, `/version`, `/openapi.json`. None needs a key."""

import msgspec
from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from lockstep.bundles.machine import describe_machine
from lockstep.bundles.manifest import installed_libraries
from lockstep.bundles.registry import Registry, Served
from lockstep.doors.answers import describe_model
from lockstep.doors.wire import Health, Index, ModelVersion, Readiness, SelfCheckResult, Version
from lockstep.scoring.service import Service
from lockstep.web.openapi import describe_api

JSON = "application/json"
LINKS = {
    "forecast": "POST /forecast",
    "forecast_v1": "POST /v1/forecast",
    "health": "GET /health",
    "ready": "GET /ready",
    "version": "GET /version",
    "openapi": "GET /openapi.json",
    "metrics": "GET /metrics",
}


def make_pages(service: Service) -> Blueprint:
    """Return the blueprint of the routes that tell what is running."""
    pages = Blueprint("pages", __name__, template_folder="templates")
    libraries, machine = installed_libraries(), describe_machine()
    document = msgspec.json.encode(describe_api(service))

    @pages.get("/")
    def get_index() -> ResponseReturnValue:
        wants_html = request.accept_mimetypes.best_match([JSON, "text/html"]) == "text/html"
        if wants_html:
            return render_template("index.html", served=service.registry.served, links=LINKS)
        return _respond(Index("lockstep", [describe_model(served) for served in service.registry.served], LINKS))

    @pages.get("/health")
    def get_health() -> Response:
        return _respond(Health("alive"))

    @pages.get("/ready")
    def get_ready() -> Response:
        faults = service.registry.faults
        status = "not ready" if faults else "ready"
        return _respond(
            Readiness(status, faults, _describe_checks(service), list(service.registry.broken)), 503 if faults else 200
        )

    @pages.get("/version")
    def get_version() -> Response:
        models = [_describe_version(served, service.registry) for served in service.registry.served]
        return _respond(Version(models, libraries, service.settings.commit, _describe_checks(service), machine))

    @pages.get("/openapi.json")
    def get_openapi() -> Response:
        return Response(document, content_type=JSON)

    return pages


def _respond(answer: msgspec.Struct, status: int = 200) -> Response:
    return Response(msgspec.json.encode(answer), status, content_type=JSON)


def _describe_version(served: Served, registry: Registry) -> ModelVersion:
    return ModelVersion(
        **msgspec.structs.asdict(describe_model(served)),
        default=served is registry.default,
        trained_with=served.bundle.manifest.libraries,
        whole_history=served.bundle.forecaster.feature_set.whole_history,
    )


def _describe_checks(service: Service) -> dict[str, SelfCheckResult]:
    checks = {str(served): served.self_check for served in service.registry.served}
    return {
        name: SelfCheckResult(check.rows, round(check.duration_s, 4), check.fault is None)
        for name, check in checks.items()
    }
