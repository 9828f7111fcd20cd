"""Headers that every answer carries whatever it says, and those by which other sites' pages may read it."""

import base64
import hashlib
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
SECURITY_POLICY = "Content-Security-Policy"
CONSOLE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
"""What the pages of the console need: files of this service, and requests to it."""
KEPT = "public, max-age=31536000, immutable"
"""How long a browser may keep a file whose address names its digest: a year."""
PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": f"authorization, content-type, x-api-key, x-request-id, {HEADER_LENGTH.lower()}",
    "Access-Control-Max-Age": "600",
}
VARY = ("Vary", "Origin")
EXPOSED = f"X-Request-Id, X-Model-Digest, X-Model-Version, Retry-After, RateLimit, RateLimit-Policy, {HEADER_LENGTH}"


def describe_headers() -> dict[str, str]:
    """Return the headers that every answer of the app carries, but for pages of the console and their files."""
    return {**SECURITY_HEADERS, SECURITY_POLICY: describe_policy()}


def describe_console_headers() -> dict[str, str]:
    """Return the headers of the pages of the console in place of those that other answers carry."""
    return {**SECURITY_HEADERS, SECURITY_POLICY: CONSOLE_POLICY}


def describe_kept_headers() -> dict[str, str]:
    """Return the headers of the files of the pages in place of those that other answers carry."""
    return {**SECURITY_HEADERS, "Cache-Control": KEPT, SECURITY_POLICY: CONSOLE_POLICY}


def describe_policy() -> str:
    """Return the policy that a report card needs: its style sheet, by digest, and an icon; nothing else."""
    return (
        f"default-src 'none'; style-src 'sha256-{_digest(read_style())}'; img-src data:; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
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
        return (VARY,)  # else a cache could hand this answer to a listed origin
    return (VARY, ("Access-Control-Allow-Origin", origin), ("Access-Control-Expose-Headers", EXPOSED))
