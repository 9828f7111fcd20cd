"""What the service answers under uWSGI: the bits of the evaluation, and every request."""

import json
import subprocess
import sys
import tempfile
import time
from http import HTTPStatus
from pathlib import Path

from qa.default_bundle import DEFAULT_MODEL
from qa.errors import RunFailed
from qa.servers import ROOT, Server, make_environ
from qa.uwsgi.service import LOADED, run_uwsgi

COMMAND_TIMEOUT_S = 240.0
AT_ONCE_S = 2.0
"""Far below the timeouts of uWSGI and of any client; an answer takes some milliseconds."""
REVIEW = "The lamp was flimsy, but my tent was sturdy and the soup delightful."
TEXTLESS: tuple[object, ...] = (
    {},
    {"txt": REVIEW},
    {"text": None},
    {"text": 5},
    {"text": REVIEW, "more": 1},
    [],
    "text",
)
"""What once left a client waiting for good."""


def prove_bars() -> list[str]:
    """Show that `lockstep parity` passes on the default model, which is loaded once for all workers."""
    with run_uwsgi() as server:
        broken = _prove(server, DEFAULT_MODEL)
        loaded = server.read_log().count(LOADED)
    return broken + [f"the bundle was loaded {loaded} times"] * (loaded != 1)


def prove_text() -> list[str]:
    """Show that `lockstep parity` passes on a model of text, and that a request without text is answered at once."""
    with tempfile.TemporaryDirectory() as name:
        model = train_sentiment(Path(name))
        with run_uwsgi(environ={"LOCKSTEP_MODELS": str(model)}) as server:
            broken = _prove(server, model)
            status, answer = _post(server, {"text": REVIEW})
            if status != HTTPStatus.OK or json.loads(answer).get("res") not in ("negative", "positive"):
                broken.append(f"a text is answered {status} {answer[:200]!r}")
            for body in TEXTLESS:
                started = time.monotonic()
                status, answer = _post(server, body)
                took_s = time.monotonic() - started
                if not 400 <= status < 500 or "code" not in json.loads(answer) or took_s > AT_ONCE_S:
                    broken.append(f"{body!r} is answered {status} after {took_s:.1f} s: {answer[:200]!r}")
    return broken


PROMISES = (prove_bars, prove_text)


def train_sentiment(folder: Path) -> Path:
    """Return the folder of the model of examples/sentiment, trained as its README says."""
    table, model = folder / "reviews.csv", folder / "sentiment"
    _run("examples/sentiment/write_table.py", str(table))
    _run("-m", "lockstep", "train-table", str(table), "--target", "sentiment", "--out", str(model))
    return model


def _prove(server: Server, model: Path) -> list[str]:
    try:
        _run("-m", "lockstep", "parity", server.url, "--bundle", str(model))
    except RunFailed as error:
        return [str(error)]
    return []


def _post(server: Server, body: object) -> tuple[int, bytes]:
    return server.ask("POST", "/predict", json.dumps(body).encode())


def _run(*arguments: str) -> None:
    done = subprocess.run(  # noqa: S603 - our own commands
        [sys.executable, *arguments],
        cwd=ROOT,
        env=make_environ({}),
        capture_output=True,
        text=True,
        timeout=COMMAND_TIMEOUT_S,
        check=False,
    )
    if done.returncode != 0:
        raise RunFailed(f"{' '.join(arguments)} ended with {done.returncode}", f"{done.stdout}{done.stderr}")
