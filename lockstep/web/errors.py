"""The answer to whatever goes wrong in the app."""

import logging
from dataclasses import replace

from flask import Response, g, request
from werkzeug.exceptions import HTTPException

from lockstep.doors.door import encode_problem
from lockstep.doors.listed import find_door
from lockstep.scoring.errors import describe
from lockstep.scoring.kinds import BAD_REQUEST, INTERNAL, METHOD_NOT_ALLOWED, NOT_FOUND, TOO_LARGE
from lockstep.scoring.problems import ProblemAnswer
from lockstep.web.forecasts import respond
from lockstep.web.guides import answer_on_page, describe_near_path, describe_use, find_route, wants_page
from lockstep.web.site import Site

log = logging.getLogger(__name__)

OF_THE_FRAMEWORK = {
    404: (NOT_FOUND, "no route has this path; GET / lists the routes"),
    405: (METHOD_NOT_ALLOWED, "the route takes other methods; the header Allow names them"),
    413: (TOO_LARGE, "the body has more bytes than this service takes"),
}
"""What Flask and werkzeug refuse; all else of it is `BAD_REQUEST`."""


def answer_error(site: Site, error: Exception) -> Response:
    """Return the problem of an error as the door of the path writes it, or a page; log an unforeseen one."""
    problem = describe_framework_error(error) or describe(error)
    g.record.code = problem.kind.code
    if problem.kind is INTERNAL:
        log.error("request %s failed", g.record.request_id, exc_info=error)
    if problem.kind is METHOD_NOT_ALLOWED and (route := find_route(site)):
        problem = replace(problem, detail=describe_use(route))
    if problem.kind is NOT_FOUND and isinstance(error, HTTPException):
        problem = replace(problem, detail=f"{problem.detail}{describe_near_path(request.path)}")
    if wants_page(site, problem):
        return answer_on_page(site, problem, g.record.request_id)
    door = find_door(request.path)
    encode = door.encode_problem if door else encode_problem
    return respond(encode(problem, g.record.request_id))


def describe_framework_error(error: Exception) -> ProblemAnswer | None:
    """Return the answer to what Flask or werkzeug refused, None for any other error."""
    if not isinstance(error, HTTPException) or error.code is None or error.code >= 500:
        return None
    kind, detail = OF_THE_FRAMEWORK.get(error.code, (BAD_REQUEST, error.name))
    methods = getattr(error, "valid_methods", None)
    return ProblemAnswer(kind, detail, headers={"Allow": ", ".join(sorted(methods))} if methods else {})
