"""A place to run mutants: deliberately wrong services, each a few lines on the real one."""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from flask import Flask
from werkzeug.serving import make_server

Serve = Callable[[Flask], AbstractContextManager[str]]


@contextmanager
def serve_app(app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def serve() -> Serve:
    return serve_app
