"""The application factory: nothing happens at import."""

import re
import uuid

from flask import Flask, Response, g, request

from lockstep.scoring.service import Service, load_service
from lockstep.scoring.settings import Settings
from lockstep.web.errors import register_errors
from lockstep.web.headers import protect
from lockstep.web.pages import make_pages
from lockstep.web.routes import make_routes
from lockstep.web.watching import watch_requests

REQUEST_ID = re.compile(r"[A-Za-z0-9+/=-]{20,200}")
"""What Heroku's router keeps of a client's own X-Request-Id."""


def create_app(settings: Settings) -> Flask:
    """Return the app, its bundles loaded and self-checked; raise a `LockstepError` where it must not serve."""
    return make_app(load_service(settings))


def make_app(service: Service) -> Flask:
    """Return the app around a loaded service."""
    app = Flask(__name__)
    app.url_map.merge_slashes = False  # `//` would be answered with a redirect, which is no problem body
    # one byte more: werkzeug cuts a body of unknown length at its limit, so the cut has to show
    app.config["MAX_CONTENT_LENGTH"] = service.settings.max_body_bytes + 1
    watch_requests(app, service)
    _mark_answers(app, service)
    protect(app, service.settings)
    register_errors(app)
    app.register_blueprint(make_pages(service))
    app.register_blueprint(make_routes(service))
    return app


def _mark_answers(app: Flask, service: Service) -> None:
    @app.before_request
    def take_request_id() -> None:
        sent = request.headers.get("X-Request-Id", "")
        g.request_id = sent if REQUEST_ID.fullmatch(sent) else uuid.uuid4().hex

    @app.after_request
    def add_headers(response: Response) -> Response:
        served = g.get("served") or service.registry.default
        response.headers["X-Request-Id"] = g.request_id
        response.headers["X-Model-Digest"] = served.bundle.manifest.digest
        response.headers["X-Model-Version"] = str(served)
        return response
