"""The routes of the console beside `/`; they are for people, so `/openapi.json` and `GET /` list none of them."""

from collections.abc import Callable

from flask import Response, request

from lockstep.doors.door import HTML, SHOWN, Route
from lockstep.scoring.errors import RequestError
from lockstep.scoring.kinds import NOT_FOUND, WITH_KEY
from lockstep.web.assets import MEDIA_TYPES, name_media_type
from lockstep.web.compressing import respond_compressed
from lockstep.web.console.audit import show_audit
from lockstep.web.console.reference import show_reference
from lockstep.web.headers import describe_kept_headers
from lockstep.web.site import Site
from lockstep.web.watching import HEADERS


def get_asset(site: Site, digest: str, name: str) -> Response:
    """Return a file of the pages; raise `RequestError` for another digest or name."""
    asset = site.assets.find(digest, name)
    if asset is None:
        raise RequestError(NOT_FOUND, "the pages of this service load no file of this digest and name; GET / is one")
    request.environ[HEADERS] = list(describe_kept_headers().items())
    return respond_compressed(asset.content, name_media_type(name), asset.gzipped)


def _page(path: str, name: str, summary: str) -> Route:
    return Route("GET", path, name, summary, access=SHOWN, scopes=(WITH_KEY,), media_types=(HTML,))


CONSOLE: tuple[tuple[Route, Callable[..., Response]], ...] = (
    (
        Route(
            "GET",
            "/static/{digest}/{name}",
            "asset",
            "A file of the pages",
            media_types=tuple(MEDIA_TYPES.values()),
        ),
        get_asset,
    ),
    (_page("/docs", "docs", "The description of the routes"), show_reference),
    (_page("/audit", "audit", "Whether a certificate is of what runs here"), show_audit),
)
