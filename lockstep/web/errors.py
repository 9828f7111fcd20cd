"""The answer to whatever goes wrong in the app."""

import logging

from flask import Flask, Response, g

from lockstep.scoring.errors import describe
from lockstep.scoring.problems import INTERNAL, MEDIA_TYPE

log = logging.getLogger(__name__)


def register_errors(app: Flask) -> None:
    """Answer every error of the app with its problem body; log the unforeseen ones."""

    @app.errorhandler(Exception)
    def answer(error: Exception) -> Response:
        problem = describe(error)
        g.record.code = problem.kind.code
        if problem.kind is INTERNAL:
            log.error("request %s failed", g.get("request_id"), exc_info=error)
        body = problem.encode(g.get("request_id"))
        return Response(body, problem.kind.status, problem.headers, content_type=MEDIA_TYPE)
