"""A client that calls a WSGI app in this process: the requests of the parity suite without a socket."""

import io
from collections.abc import Callable, Iterable
from typing import Any

from requests.structures import CaseInsensitiveDict

from lockstep.parity.answers import Reply
from lockstep.parity.client import ServiceClient
from lockstep.parity.transport import Asked, Transport

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
URL = "http://in-process"
AGENT = "python-requests/2.32.0"


class AppTransport(Transport):
    """An app in place of connections."""

    def __init__(self, app: Wsgi) -> None:
        self._app = app

    def exchange(self, asked: Asked) -> Reply:
        """Return the answer of the app."""
        told: list[Any] = []
        body = b"".join(
            self._app(write_environ(asked), lambda status, headers, info=None: told.extend((status, headers)))
        )
        status, headers = told
        return Reply(f"{asked.method} {URL}{asked.path}", int(status.split()[0]), CaseInsensitiveDict(headers), body)


class AppClient(ServiceClient):
    """A client of an app."""

    def __init__(self, app: Wsgi, model: str | None = None, version: int | None = None) -> None:
        super().__init__(URL, None, model, version)
        self._app_transport = AppTransport(app)

    def _transport(self) -> Transport:
        return self._app_transport


def write_environ(asked: Asked) -> dict[str, Any]:
    """Return what a server tells an app of a request from this machine."""
    body, sent = asked.body or b"", {"User-Agent": AGENT, "Accept": "*/*", "Host": "127.0.0.1", **asked.headers}
    headers = {name.upper().replace("-", "_"): value for name, value in sent.items() if value is not None}
    typed = {"CONTENT_TYPE": headers.pop("CONTENT_TYPE")} if "CONTENT_TYPE" in headers else {}
    return {
        "REQUEST_METHOD": asked.method, "SCRIPT_NAME": "", "PATH_INFO": asked.path, "QUERY_STRING": "",
        "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_LENGTH": str(len(body)), "wsgi.version": (1, 0), "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body), "wsgi.errors": io.StringIO(), "wsgi.multithread": True,
        "wsgi.multiprocess": False, "wsgi.run_once": False,
        **typed, **{f"HTTP_{name}": value for name, value in headers.items()},
    }  # fmt: skip
