"""The answer of a version to one of its own rows, which a page shows before anything is sent."""

import json
from collections.abc import Callable
from functools import lru_cache

from lockstep.doors.listed import find_door
from lockstep.scoring.score import ROUTES
from lockstep.scoring.service import Service
from lockstep.web.openapi import answer_row

MAX_KEPT = 64
"""Answers that a process keeps, each of about 1 kB."""

Exemplify = Callable[[str, int, str | None], str]
"""From a model, the number of a version and, for a panel, the symbol of a series to an answer in JSON."""


def keep_examples(service: Service) -> Exemplify:
    """Return what answers a row of a version when it is first asked for, and keeps the answers asked for last."""

    @lru_cache(MAX_KEPT)
    def exemplify(model: str, version: int, symbol: str | None) -> str:
        served = service.registry.pick(model, version, symbol)
        door = find_door(ROUTES[served.bundle.manifest.kind])
        _, answered = answer_row(service, door, served, symbol) if door else (None, None)
        return json.dumps(answered, ensure_ascii=False)

    return exemplify
