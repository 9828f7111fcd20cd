"""The routes that tell what is running: `/`, `/health`, `/ready`, `/version`. None needs a key."""

import msgspec
from flask import Blueprint, Response, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from backend.answers import describe_model
from backend.service import Service
from models.machine import describe_machine
from models.manifest import installed_libraries

LINKS = {
    "forecast": "POST /forecast",
    "forecast_v1": "POST /v1/forecast",
    "health": "GET /health",
    "ready": "GET /ready",
    "version": "GET /version",
    "metrics": "GET /metrics",
}


def make_pages(service: Service) -> Blueprint:
    """Return the blueprint of the routes that tell what is running."""
    pages = Blueprint("pages", __name__, template_folder="templates")
    libraries, machine = installed_libraries(), describe_machine()

    @pages.get("/")
    def get_index() -> ResponseReturnValue:
        wants_html = request.accept_mimetypes.best_match(["application/json", "text/html"]) == "text/html"
        if wants_html:
            return render_template("index.html", bundles=service.bundles.values(), links=LINKS)
        models = [describe_model(bundle) for bundle in service.bundles.values()]
        return jsonify(name="lockstep", models=models, routes=LINKS)

    @pages.get("/health")
    def get_health() -> Response:
        return jsonify(status="alive")

    @pages.get("/ready")
    def get_ready() -> ResponseReturnValue:
        faults = service.faults
        status = "not ready" if faults else "ready"
        return jsonify(status=status, reasons=faults, self_check=_describe_checks(service)), 503 if faults else 200

    @pages.get("/version")
    def get_version() -> Response:
        models = [
            {
                **describe_model(bundle),
                "trained_with": bundle.manifest.libraries,
                "whole_history": bundle.forecaster.feature_set.whole_history,
            }
            for bundle in service.bundles.values()
        ]
        return jsonify(
            models=models,
            libraries=libraries,
            machine=msgspec.to_builtins(machine),
            commit=service.settings.commit,
            self_check=_describe_checks(service),
        )

    return pages


def _describe_checks(service: Service) -> dict[str, dict[str, object]]:
    return {
        symbol: {"rows": check.rows, "duration_s": round(check.duration_s, 4), "equal": check.fault is None}
        for symbol, check in service.self_checks.items()
    }
