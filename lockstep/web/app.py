"""The application factory: nothing happens at import."""

import logging
import sys
from collections.abc import Callable
from functools import partial

from flask import Flask, Response
from werkzeug.middleware.proxy_fix import ProxyFix

from lockstep.doors.door import Route
from lockstep.doors.listed import DOORS
from lockstep.errors import LockstepError
from lockstep.scoring.booting import read_boot_settings
from lockstep.scoring.counters import Counters, process_counters, share_memory
from lockstep.scoring.service import Service, load_service
from lockstep.scoring.settings import Settings
from lockstep.web.console.pages import CONSOLE
from lockstep.web.errors import answer_error
from lockstep.web.forecasts import answer_forecast, answer_page
from lockstep.web.hooks import begin_request
from lockstep.web.openapi import describe_api
from lockstep.web.pages import PAGES
from lockstep.web.site import EXTENSION, Site, make_site
from lockstep.web.watching import Watched

log = logging.getLogger(__name__)

ROUTES = (
    *(route for door in DOORS for route in (*door.routes, *(page.route for page in door.pages))),
    *(route for route, _ in PAGES),
)
"""What programs may ask for; the pages that are for people alone are in `CONSOLE`."""


def boot_app(create: Callable[[Settings], Flask]) -> Flask:
    """Return the app of the environment's settings; log why it must not serve and end the process with 1."""
    try:
        return create(read_boot_settings())
    except LockstepError as error:
        log.critical("not serving: %s", error)
        sys.exit(1)


def create_app(settings: Settings) -> Flask:
    """Return the app, its bundles loaded and self-checked; raise a `LockstepError` if it must not serve."""
    return make_app(load_service(settings), process_counters())


def make_app(service: Service, counters: Counters | None = None) -> Flask:
    """Return the app around a loaded service; without counters it counts for itself."""
    app = Flask(__name__, static_folder=None)  # no digest stands in the addresses of Flask's own route
    app.url_map.merge_slashes = False  # `//` would be answered with a redirect, which is no problem body
    # one byte more: werkzeug cuts a body of unknown length at its limit, so the cut has to show
    app.config["MAX_CONTENT_LENGTH"] = service.settings.max_body_bytes + 1
    routes = (*ROUTES, *(route for route, _ in CONSOLE))
    site = make_site(service, routes, describe_api(service, DOORS, ROUTES), counters or Counters(share_memory()))
    app.extensions[EXTENSION] = site
    app.before_request(partial(begin_request, site))
    app.register_error_handler(Exception, partial(answer_error, site))
    _add_routes(app, site)
    app.wsgi_app = Watched(app.wsgi_app, site)  # type: ignore[method-assign] # Flask's own way, here and below
    if hops := service.settings.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]
    return app


def _add_routes(app: Flask, site: Site) -> None:
    for door in DOORS:
        for route in door.routes:
            _add_route(app, route, partial(answer_forecast, site, door))
        for page in door.pages:
            _add_route(app, page.route, partial(answer_page, site, page))
    for route, handler in (*PAGES, *CONSOLE):
        _add_route(app, route, partial(handler, site))


def _add_route(app: Flask, route: Route, handler: Callable[..., Response]) -> None:
    rule = route.path.replace("{", "<").replace("}", ">")
    app.add_url_rule(rule, route.name, handler, methods=[route.method])
