"""What `lockstep parity` prints and writes of services that would rather write it themselves."""

import base64
import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from lockstep.scoring.settings import Settings
from lockstep.web.app import create_app
from qa.threads import serve_app
from tests.unit.cli.conftest import Run

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

EVIL = (
    "\x1b[2J\x9b31m\x00\u202e\u2028\nparity         verdict\r</pre><script>alert(1)</script><img src=x onerror=y> ]]>"
    " | `x` [l](http://evil.example) ![i](http://evil.example/i) www.evil.example *b* _i_ [red]r[/] :smile:"
)
SECRET = "s3cret"  # noqa: S105 -- of no service
REPORTS = ("junit", "markdown", "html", "certificate")


def spell(told: dict[str, Any], path: str) -> dict[str, Any]:
    """Return what the app says with texts of another kind wherever there are texts."""
    if path == "/version":
        libraries = {**told["libraries"], "numpy": EVIL, EVIL: EVIL}
        machine = {**told["machine"], "cpu": EVIL, "simd": [EVIL]}
        return {**told, "commit": EVIL, "libraries": libraries, "machine": machine}
    if "forecast" in told:
        frame = told["forecast"]
        rows = [[*row, EVIL] for row in frame["data"]]
        rows[0][frame["columns"].index("date")] = EVIL
        rows[1][frame["columns"].index("y_pred")] = EVIL
        return {**told, "forecast": {**frame, "columns": [*frame["columns"], f"proba_{EVIL}"], "data": rows}}
    return {**told, "code": EVIL, "detail": EVIL} if "code" in told else told


def rewrite(app: Wsgi) -> Wsgi:
    def rewritten(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        begun: list[Any] = []
        body = b"".join(app(environ, lambda status, headers, info=None: begun.extend((status, headers))))
        status, headers = begun
        if headers[0] and body.startswith(b"{"):
            body = json.dumps(spell(json.loads(body), environ["PATH_INFO"])).encode()
        kept = [(name, value) for name, value in headers if name.lower() not in ("content-length", "x-model-digest")]
        start(status, [*kept, ("Content-Length", str(len(body))), ("X-Model-Digest", "\x9b31m[red]<script>")])
        return [body]

    return rewritten


def write_reports(run: Run, url: str, folder: Path, *options: object) -> tuple[int, dict[str, str]]:
    """Return the exit code, and all that was printed and written, by where."""
    paths = {name: folder / name for name in REPORTS}
    result = run("parity", url, *options, *(word for name, path in paths.items() for word in (f"--{name}", path)))
    printed = {"console": result.output}
    return result.exit_code, printed | {name: path.read_text() for name, path in paths.items() if path.exists()}


def test_what_a_service_writes_is_text_and_one_line_in_every_report(run: Run, tmp_path: Path) -> None:
    only = [word for name in ("batch", "errors", "identity") for word in ("--only", name)]
    with serve_app(rewrite(create_app(Settings()).wsgi_app)) as url:
        code, written = write_reports(run, url, tmp_path, *only)
        listed = run("parity", url, *only, "--json")
    assert (code, set(written)) == (3, {"console", *REPORTS})
    for name, text in {**written, "json": listed.output}.items():
        assert r"\x1b[2J" in text.replace(r"\\", "\\").replace("&#92;", "\\").replace("&#91;", "["), name
        assert all(line.isprintable() for line in text.split("\n")), name
        assert not re.search("^parity +verdict", text, re.MULTILINE), name
    for name in ("html", "markdown", "junit"):
        assert "<script" not in written[name], name
        assert "<img" not in written[name], name
    assert ":smile:" in written["console"]
    assert "[red]r[/]" in written["console"]
    ElementTree.fromstring(written["junit"])  # noqa: S314 -- our own


def read_markdown_outside_of_pre(text: str) -> str:
    return re.sub("<pre>.*?</pre>", "", text, flags=re.DOTALL)


def test_nothing_that_a_service_writes_is_markdown(run: Run, tmp_path: Path) -> None:
    with serve_app(rewrite(create_app(Settings()).wsgi_app)) as url:
        _, written = write_reports(run, url, tmp_path, "--only", "identity")
    text = read_markdown_outside_of_pre(written["markdown"])
    assert "evil" in text
    for active in ("](http", "http://evil", "www.evil", "`x`", "*b*", "_i_", "<"):
        assert active not in text.replace("<code>", "").replace("</code>", ""), active
    rows = [line for line in text.splitlines() if "evil" in line]
    assert rows
    assert all(row.count("|") == 4 for row in rows)


def test_a_service_that_is_none_cannot_write_on_the_terminal(run: Run) -> None:
    def answer(_: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        start("500 No", [])
        return [EVIL.encode()]

    with serve_app(answer) as url:
        result = run("parity", url)
    assert result.exit_code == 4
    assert r"\x1b[2J" in result.output
    assert all(line.isprintable() for line in result.output.split("\n"))


@pytest.mark.parametrize("spoilt", [False, True])
def test_a_password_in_the_url_is_sent_and_in_no_report(run: Run, tmp_path: Path, spoilt: bool) -> None:
    app, heard = create_app(Settings()).wsgi_app, set[str]()
    inner = rewrite(app) if spoilt else app

    def listening(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        heard.add(environ.get("HTTP_AUTHORIZATION", "none"))
        return inner(environ, start)

    with serve_app(listening) as url:
        named = url.replace("http://", f"http://me:{SECRET}@")
        code, written = write_reports(run, named, tmp_path, "--only", "chunks", "--only", "identity")
    assert heard == {"Basic " + base64.b64encode(f"me:{SECRET}".encode()).decode()}
    assert (code, set(written)) == (3 if spoilt else 0, {"console", *REPORTS})
    for name, text in written.items():
        assert SECRET not in text, name
        assert "me:" not in text, name


def test_a_password_is_in_no_message_of_a_service_that_is_not_there(run: Run) -> None:
    result = run("parity", f"http://me:{SECRET}@127.0.0.1:9")
    assert result.exit_code == 4
    assert SECRET not in result.output


@pytest.mark.parametrize("url", ["", f"me:{SECRET}@app", f"http://me:{SECRET}@app:port", f"http://app/?key={SECRET}"])
def test_what_is_no_url_is_a_wrong_option_and_is_not_repeated(run: Run, url: str) -> None:
    result = run("parity", url)
    assert result.exit_code == 2
    assert "Example: lockstep parity http://127.0.0.1:5000" in result.output
    assert SECRET not in result.output


def test_an_address_without_its_scheme_is_answered_with_the_command_that_has_it(run: Run) -> None:
    refused = run("parity", "127.0.0.1:8123")
    assert (refused.exit_code, "Example: lockstep parity http://127.0.0.1:8123\n" in refused.stderr) == (2, True)
