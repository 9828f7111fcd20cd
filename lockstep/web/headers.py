"""Headers that every answer carries whatever it says, and those by which other sites' pages may read it."""

import base64
import hashlib
import re
from pathlib import Path

from flask import Flask, Response, request
from werkzeug.middleware.proxy_fix import ProxyFix

from lockstep.scoring.settings import Settings

SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
HSTS = "max-age=31536000"
TEMPLATE = Path(__file__).parent / "templates" / "index.html"
STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)
PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": "content-type, x-api-key, x-request-id",
    "Access-Control-Max-Age": "600",
}
EXPOSED = "X-Request-Id, X-Model-Digest, Retry-After, RateLimit, RateLimit-Policy"


def protect(app: Flask, settings: Settings) -> None:
    """Add the headers to every answer, and believe forwarded ones from as many proxies as the settings say."""
    headers = {**SECURITY_HEADERS, "Content-Security-Policy": describe_policy()}
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign] # Flask's own way

    @app.after_request
    def add_security_headers(response: Response) -> Response:
        response.headers.extend(headers)
        if request.is_secure:
            response.headers["Strict-Transport-Security"] = HSTS
        return response

    if settings.cors_origins:
        _share(app, frozenset(settings.cors_origins))


def describe_policy() -> str:
    """Return the policy that the page needs: its one style sheet, by digest, and its icon; nothing else."""
    [style] = STYLE.findall(TEMPLATE.read_text(encoding="utf-8"))
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    )


def _share(app: Flask, origins: frozenset[str]) -> None:
    """Let pages of these origins read the answers, and answer the question that browsers ask first."""

    @app.before_request
    def answer_preflight() -> Response | None:
        asked = request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers
        return Response(status=204, headers=PREFLIGHT) if asked and request.headers.get("Origin") in origins else None

    @app.after_request
    def add_origin(response: Response) -> Response:
        response.headers.add("Vary", "Origin")
        if (origin := request.headers.get("Origin")) in origins:
            response.headers["Access-Control-Allow-Origin"] = str(origin)
            response.headers["Access-Control-Expose-Headers"] = EXPOSED
        return response
