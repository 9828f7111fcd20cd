"""ASGI's scope to WSGI's environment."""

from typing import Any

import pytest

from lockstep.runtimes.ray.environ import describe_request, join_headers

SCOPE: dict[str, Any] = {
    "type": "http",
    "method": "POST",
    "path": "/v1/forecast",
    "raw_path": b"/v1/forecast",
    "query_string": b"a=%20b",
    "http_version": "1.1",
    "scheme": "http",
    "root_path": "",
    "headers": [(b"host", b"example.org"), (b"content-type", b"application/json"), (b"content-length", b"3")],
    "client": ("192.0.2.9", 4711),
    "server": ("127.0.0.1", 8000),
}


def describe(**changed: Any) -> dict[str, Any]:
    return describe_request({**SCOPE, **changed})


def test_the_parts_of_a_request_have_the_names_of_wsgi() -> None:
    environ = describe()
    assert {name: value for name, value in environ.items() if not name.startswith("wsgi.")} == {
        "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": "",
        "PATH_INFO": "/v1/forecast",
        "QUERY_STRING": "a=%20b",
        "REMOTE_ADDR": "192.0.2.9",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_SOFTWARE": "Ray Serve",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "example.org",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": "3",
    }
    assert environ["wsgi.url_scheme"] == "http"


def test_a_header_that_is_sent_twice_is_joined() -> None:
    assert join_headers([(b"accept", b"a"), (b"accept", b"b")]) == {"HTTP_ACCEPT": "a,b"}


def test_the_first_request_id_counts_as_it_does_for_serve() -> None:
    assert join_headers([(b"x-request-id", b"a"), (b"x-request-id", b"b")]) == {"HTTP_X_REQUEST_ID": "a"}


def test_a_header_with_an_underscore_does_not_pass_for_one_with_a_dash() -> None:
    assert join_headers([(b"x_api_key", b"forged")]) == {}


@pytest.mark.parametrize("header", [b"x-forwarded-for", b"x-forwarded-proto"])
def test_an_address_and_a_scheme_that_a_caller_may_have_chosen_are_not_taken(header: bytes) -> None:
    environ = describe(headers=[(header, b"https")], scheme="https", client=("203.0.113.1", 0))
    assert (environ["REMOTE_ADDR"], environ["wsgi.url_scheme"]) == ("", "http")


def test_a_caller_without_an_address_has_an_empty_one() -> None:
    assert describe(client=None)["REMOTE_ADDR"] == ""


def test_the_scheme_of_serve_with_a_certificate_is_kept() -> None:
    assert describe(scheme="https")["wsgi.url_scheme"] == "https"


def test_the_bytes_of_a_path_become_characters_of_latin_1() -> None:
    assert describe(path="/ü", raw_path=b"/%C3%BC")["PATH_INFO"] == "/\xc3\xbc"
    assert describe(path="/ü", raw_path=None)["PATH_INFO"] == "/\xc3\xbc"


def test_a_path_below_a_prefix_is_split() -> None:
    environ = describe(root_path="/models", path="/models//ready", raw_path=b"/models//ready")
    assert (environ["SCRIPT_NAME"], environ["PATH_INFO"]) == ("/models", "//ready")
