"""`GET /audit`: whether a certificate or report of `lockstep parity` is of what runs here; the browser reads it."""

from flask import Response, request

from lockstep.web.console.showing import show_page
from lockstep.web.site import Site


def show_audit(site: Site) -> Response:
    """Return the page, with what this process is; its script compares a file with `/version`."""
    shown = {
        "served": site.service.registry.served,
        "default": site.service.registry.default,
        "commit": site.service.settings.commit,
        "server": request.environ.get("SERVER_SOFTWARE", "unknown"),
        "libraries": site.libraries,
        "address": request.host_url.rstrip("/"),
    }
    return show_page(site, "audit.html", shown)
