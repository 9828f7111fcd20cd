"""Headers that every answer carries whatever it says, and those by which other sites' pages may read it."""

import base64
import hashlib
import re
from pathlib import Path
from typing import Any

from flask import Response

from lockstep.doors.oip.binary import HEADER_LENGTH
from lockstep.report_card.page import read_style

Environ = dict[str, Any]
"""What WSGI tells of a request."""

SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
TEMPLATE = Path(__file__).parent / "templates" / "page.html"
STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)
PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": f"authorization, content-type, x-api-key, x-request-id, {HEADER_LENGTH.lower()}",
    "Access-Control-Max-Age": "600",
}
VARY = ("Vary", "Origin")
EXPOSED = f"X-Request-Id, X-Model-Digest, X-Model-Version, Retry-After, RateLimit, RateLimit-Policy, {HEADER_LENGTH}"


def describe_headers() -> dict[str, str]:
    """Return the headers that every answer of the app carries."""
    return {**SECURITY_HEADERS, "Content-Security-Policy": describe_policy()}


def describe_policy() -> str:
    """Return the policy that the pages need: their style sheets, by digest, and an icon; nothing else."""
    [style] = STYLE.findall(TEMPLATE.read_text(encoding="utf-8"))
    styles = " ".join(f"'sha256-{_digest(each)}'" for each in (style, read_style()))
    return (
        f"default-src 'none'; style-src {styles}; img-src data:; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    )


def _digest(style: str) -> str:
    return base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()


def answer_preflight(environ: Environ, origins: tuple[str, ...]) -> Response | None:
    """Return the answer to the question that a browser asks first for a page of a listed origin, else None."""
    if environ["REQUEST_METHOD"] != "OPTIONS" or "HTTP_ACCESS_CONTROL_REQUEST_METHOD" not in environ:
        return None
    return Response(status=204, headers=PREFLIGHT) if environ.get("HTTP_ORIGIN") in origins else None


def describe_sharing(environ: Environ, origins: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Return the headers that let pages of the listed origins read the answer."""
    if not origins:
        return ()
    origin = environ.get("HTTP_ORIGIN")
    if origin not in origins:
        return (VARY,)
    return (VARY, ("Access-Control-Allow-Origin", origin), ("Access-Control-Expose-Headers", EXPOSED))
