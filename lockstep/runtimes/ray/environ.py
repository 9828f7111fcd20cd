"""A request as ASGI describes it, to what WSGI calls its environment."""

import io
import sys
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import unquote_to_bytes

Scope = Mapping[str, Any]
Environ = dict[str, Any]

SERVER = "Ray Serve"
"""What `/version` names."""
CGI_NAMES = ("CONTENT_TYPE", "CONTENT_LENGTH")
"""The headers whose variables have no prefix."""
ONCE = "HTTP_X_REQUEST_ID"
"""The header of which Serve takes the first one; of all others the values are joined."""
FORWARDED = {"HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO"}


def describe_request(scope: Scope) -> Environ:
    """Return the environment of a request, without its body.

    uvicorn believes the X-Forwarded headers of every client on 127.0.0.1, and Serve cannot switch that off. So with
    one of them the caller has no address here, and the scheme is `http`. LOCKSTEP_TRUSTED_PROXIES reads the headers
    themselves.
    """
    variables = join_headers(scope["headers"])
    client, server = scope.get("client"), scope.get("server")
    is_forwarded = not FORWARDED.isdisjoint(variables)
    return {
        **variables,
        "REQUEST_METHOD": scope["method"],
        **split_path(scope),
        "QUERY_STRING": scope.get("query_string", b"").decode("latin-1"),
        "REMOTE_ADDR": client[0] if client and not is_forwarded else "",
        "SERVER_NAME": server[0] if server else "localhost",
        "SERVER_PORT": str(server[1] if server else ""),
        "SERVER_SOFTWARE": SERVER,
        "SERVER_PROTOCOL": f"HTTP/{scope.get('http_version', '1.1')}",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http" if is_forwarded else scope.get("scheme", "http"),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }


def add_body(environ: Environ, body: io.BytesIO) -> Environ:
    """Return the environment with the body that has been received; its end is known, however it was sent."""
    return {**environ, "wsgi.input": body, "wsgi.input_terminated": True}


def join_headers(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Return the variables of some headers; a name with an underscore is left out, for it would pass for a dash."""
    variables: dict[str, str] = {}
    for name, value in headers:
        if b"_" in name:
            continue
        variable = name.decode("latin-1").upper().replace("-", "_")
        variable = variable if variable in CGI_NAMES else f"HTTP_{variable}"
        text = value.decode("latin-1")
        if variable not in variables:
            variables[variable] = text
        elif variable != ONCE:
            variables[variable] += f",{text}"
    return variables


def split_path(scope: Scope) -> dict[str, str]:
    """Return where the app is mounted, and the path below it, each byte as one character of Latin-1."""
    root = scope.get("root_path", "")
    raw = scope.get("raw_path")
    path = unquote_to_bytes(raw) if raw else scope["path"].encode()
    mounted = root.encode()
    below = path[len(mounted) :] if path.startswith(mounted) else path
    return {"SCRIPT_NAME": mounted.decode("latin-1"), "PATH_INFO": below.decode("latin-1")}
