"""The scoring script of Azure ML's inference server: what it gets at `/score`, the library's app answers.

AZUREML_MODEL_DIR is where Azure mounts the folder of a registered model. All other settings are the service's own.
"""

import os
from dataclasses import replace
from functools import cache
from pathlib import Path

from azureml_inference_server_http.api.aml_request import rawhttp
from flask import Flask, Request, Response, g
from flask.typing import ResponseValue

from lockstep.scoring.booting import read_boot_settings
from lockstep.web.app import create_app


@cache
def load_app() -> Flask:
    """Return the app of the registered models, made once; raise a `LockstepError` if they must not be served."""
    registered = [path for path in Path(os.environ["AZUREML_MODEL_DIR"]).iterdir() if path.is_dir()]
    return create_app(replace(read_boot_settings(), models=tuple(sorted(registered))))


def init() -> None:
    """Load the model before the first request."""
    load_app()


@rawhttp  # type: ignore[untyped-decorator]
def run(request: Request) -> ResponseValue:
    """Return what the app answers to the request, which keeps the id that Azure's server has given it."""
    return Response.from_app(load_app(), {**request.environ, "HTTP_X_REQUEST_ID": g.request_id}, buffered=True)
