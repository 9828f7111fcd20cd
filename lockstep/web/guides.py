"""What to send, for whoever asked in another way: a page for a browser, and a line for a program."""

import re
from urllib.parse import urljoin

import msgspec
from flask import Response, current_app, request

from lockstep.bundles.registry import Served
from lockstep.doors.door import HTML, JSON, Route
from lockstep.doors.listed import find_door
from lockstep.scoring.errors import RequestError
from lockstep.scoring.kinds import METHOD_NOT_ALLOWED, NOT_FOUND, UNAUTHORIZED
from lockstep.scoring.problems import MEDIA_TYPE, ProblemAnswer
from lockstep.scoring.score import ANY_KIND, ROUTES
from lockstep.web.console.showing import show_locked, show_page
from lockstep.web.console.snippets import join_curl
from lockstep.web.hooks import choose_document, may_view
from lockstep.web.site import Site

KSERVE_V1 = re.compile(r"/v1/models/([^/:]+)(?::(?:predict|explain))?")
SLASHES = re.compile("/+")
MAX_SHOWN_CHARACTERS = 100
GUIDED = (NOT_FOUND, METHOD_NOT_ALLOWED)


def wants_page(site: Site, problem: ProblemAnswer) -> bool:
    """Return whether a browser asks for a page, or its user can be told what to send."""
    # what takes anything gets the first of these: curl and requests keep their problem bodies
    asks_with_browser = request.accept_mimetypes.best_match([MEDIA_TYPE, JSON, HTML]) == HTML
    if request.method not in ("GET", "HEAD") or not asks_with_browser:
        return False
    route = find_route(site)
    return problem.kind in GUIDED or (route is not None and HTML in route.media_types)


def answer_on_page(site: Site, problem: ProblemAnswer, request_id: str) -> Response:
    """Return a page in place of a problem, with its status and headers."""
    if problem.kind in GUIDED:
        page = show_guide(site, problem, request_id)
    elif problem.kind is UNAUTHORIZED and site.service.settings.api_keys:
        page = show_locked(site)
    else:
        page = show_page(site, "problem.html", {**problem.describe(request_id)})
    page.status_code = problem.kind.status
    page.headers.extend(problem.headers)
    return page


def show_guide(site: Site, problem: ProblemAnswer, request_id: str) -> Response:
    """Return a page that says what to send here, or to the main route."""
    found, default = find_route(site), site.service.registry.default
    is_served = found is not None and find_served(site, found) is not None
    route = found if found and is_served else find_main_route(site)
    known = {"kind": problem.kind, "request_id": request_id, "has_keys": bool(site.service.settings.api_keys)}
    told = {"found": found, "is_served": is_served, "default": default, "curl": write_curl(site, route)}
    return show_page(site, "guide.html", {"route": route, **told, **known})


def describe_use(route: Route) -> str:
    """Return how a route is asked, in a sentence."""
    body = f" with a body of {' or '.join(route.takes)}" if route.method == "POST" else ""
    return f"send {route.method}{body}: {route.summary}. GET /openapi.json has examples"


def describe_near_path(path: str) -> str:
    """Return what may have been meant by a path without a route, behind a period; empty if nothing is known."""
    if found := KSERVE_V1.fullmatch(path):
        model = found[1][:MAX_SHOWN_CHARACTERS]
        return f". This is KServe's first protocol; the second is here: POST /v2/models/{model}/infer"
    adapter, plain = current_app.create_url_adapter(request), SLASHES.sub("/", path).rstrip("/")
    if adapter is None or plain in (path, "") or not any(adapter.test(plain, method) for method in ("POST", "GET")):
        return ""
    return f". Without the additional slash there is one: {plain[:MAX_SHOWN_CHARACTERS]}"


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
    return join_curl(urljoin(request.host_url, path), body, bool(site.service.settings.api_keys))


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
    """Return the body that `/openapi.json` shows this caller for a route, None if it shows none."""
    try:
        document = choose_document(site)
    except RequestError:
        return None
    operation = msgspec.json.decode(document)["paths"][route.path][route.method.lower()]
    return operation.get("requestBody", {}).get("content", {}).get(JSON, {}).get("example")
