"""What to send, for whoever asked in another way: a page for a browser, and a line for a program."""

import shlex
from urllib.parse import urljoin

import msgspec
from flask import Response, current_app, render_template, request

from lockstep.bundles.registry import Served
from lockstep.doors.door import HTML, JSON, Route
from lockstep.doors.listed import find_door
from lockstep.scoring.errors import RequestError
from lockstep.scoring.kinds import METHOD_NOT_ALLOWED, NOT_FOUND
from lockstep.scoring.problems import MEDIA_TYPE, ProblemAnswer
from lockstep.scoring.score import ANY_KIND, ROUTES
from lockstep.web.hooks import check_access
from lockstep.web.site import Site

GUIDED = (NOT_FOUND, METHOD_NOT_ALLOWED)
DESCRIPTION = "openapi"
"""The route whose examples the pages show, to those who may read it."""


def wants_guide(problem: ProblemAnswer) -> bool:
    """Return whether a browser asks, and its user can be told what to send."""
    asks_with_browser = request.accept_mimetypes.best_match([MEDIA_TYPE, JSON, HTML]) == HTML
    return problem.kind in GUIDED and request.method in ("GET", "HEAD") and asks_with_browser


def answer_guide(site: Site, problem: ProblemAnswer, request_id: str) -> Response:
    """Return a page in place of a problem, with its status and headers: what to send here, or to the main route."""
    found, default = find_route(site), site.service.registry.default
    is_served = found is not None and find_served(site, found) is not None
    route = found if found and is_served else find_main_route(site)
    known = {"kind": problem.kind, "request_id": request_id, "has_keys": bool(site.service.settings.api_keys)}
    told = {"found": found, "is_served": is_served, "default": default, "curl": write_curl(site, route)}
    page = render_template("guide.html", route=route, **told, **known)
    return Response(page, problem.kind.status, problem.headers, content_type=f"{HTML}; charset=utf-8")


def describe_use(route: Route) -> str:
    """Return how a route is asked, in a sentence."""
    body = f" with a body of {' or '.join(route.takes)}" if route.method == "POST" else ""
    return f"send {route.method}{body}: {route.summary}. GET /openapi.json has examples"


def find_route(site: Site) -> Route | None:
    """Return the declared route of the current path, whatever its method; None if there is none."""
    adapter = current_app.create_url_adapter(request)
    if adapter is None:
        return None
    for method in ("POST", "GET"):
        if method in adapter.allowed_methods():
            rule, _ = adapter.match(method=method, return_rule=True)
            return site.routes.get(rule.endpoint)
    return None


def find_main_route(site: Site) -> Route:
    """Return the route of our own API for the default model."""
    path = ROUTES[site.service.registry.default.bundle.manifest.kind]
    return next(route for route in site.routes.values() if route.path == path)


def write_curl(site: Site, route: Route) -> str | None:
    """Return a command that posts the example of a route; None without an example, or if the caller may see none."""
    example, served = find_example(site, route), find_served(site, route)
    if example is None or served is None or not may_view(site):
        return None
    path = route.path.format(model=served.name, version=served.version)
    body = msgspec.json.format(msgspec.json.encode(example), indent=0).decode()
    options = [("-H", f"Content-Type: {JSON}"), ("-d", body)]
    if site.service.settings.api_keys:
        options.insert(1, ("-H", "x-api-key: KEY"))
    lines = [("curl", "-s", urljoin(request.host_url, path)), *options]
    return " \\\n  ".join(map(shlex.join, lines))


def find_served(site: Site, route: Route) -> Served | None:
    """Return the version that answers the example of a route; None if the route cannot serve the default model.

    A route whose path names a model takes any that it can serve.
    """
    door, registry = find_door(route.path), site.service.registry
    kinds: tuple[str, ...] = door.kinds if door else ANY_KIND
    if "{" not in route.path and registry.default.bundle.manifest.kind not in kinds:
        return None
    return registry.find(kinds)


def find_example(site: Site, route: Route) -> object:
    """Return the body that `/openapi.json` shows for a route, None if it shows none."""
    operation = msgspec.json.decode(site.document)["paths"][route.path][route.method.lower()]
    return operation.get("requestBody", {}).get("content", {}).get(JSON, {}).get("example")


def may_view(site: Site) -> bool:
    """Return whether the caller may see `/openapi.json`."""
    try:
        check_access(site, request.environ, DESCRIPTION)
    except RequestError:
        return False
    return True
