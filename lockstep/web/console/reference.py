"""`GET /docs`: the API reference, rendered here."""

import msgspec
from flask import Response, request

from lockstep.scoring.kinds import KINDS
from lockstep.web.console.showing import show_page
from lockstep.web.hooks import choose_document
from lockstep.web.reference.sections import make_reference
from lockstep.web.site import Site


def show_reference(site: Site) -> Response:
    """Return the page that describes every route, with the examples of `/openapi.json`."""
    chosen, service = choose_document(site), site.service
    document = msgspec.json.decode(chosen)
    shown = {
        "reference": make_reference(document),
        "headers": document["components"]["headers"],
        "kinds": KINDS,
        "has_keys": bool(service.settings.api_keys),
        "lacks_key": chosen is site.document_without_examples,
        "address": request.host_url.rstrip("/"),
        "example": service.registry.default,
    }
    return show_page(site, "docs.html", shown)
