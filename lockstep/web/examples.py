"""A stored row of a model, posted to a door in this process, and its answer: what pages and `/openapi.json` show."""

import json
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

import msgspec

from lockstep.bundles.panels.bundle import PanelBundle
from lockstep.bundles.registry import Served
from lockstep.doors.door import JSON, Door, Received
from lockstep.doors.listed import find_door
from lockstep.scoring.score import ROUTES
from lockstep.scoring.service import Service

REQUEST_ID = "00000000000000000000000000000000"
"""What stands in an example, so that each process writes the same one."""
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


def make_example(service: Service, door: Door) -> tuple[object, object]:
    """Return a body that posts a row of a model, and the door's answer to it; None if no model is of its kinds.

    Of a panel it is a row of the first series that was checked at boot.
    """
    found = service.registry.find(door.kinds)
    if found is None:
        return None, None
    symbol = found.bundle.draw()[0] if isinstance(found.bundle, PanelBundle) else None
    return answer_row(service, door, service.registry.pick_series(found, symbol), symbol)


def answer_row(service: Service, door: Door, served: Served, symbol: str | None) -> tuple[object, object]:
    """Return a body that posts a row of a version, of a panel of one of its series, and the door's answer to it."""
    posted = door.write_example(served.bundle)
    if symbol is not None:
        posted = {**posted, **door.name_series(symbol)}
    names = {"model": served.name, "version": str(served.version)}
    received = Received(msgspec.json.encode(posted), service.settings.max_rows, names=names)
    # a body may have no place for a model or a version, as that of /forecast has none
    request = replace(door.decode(received), model=served.name, version=served.version)
    answered = door.encode(door.score(service.registry, request, None), REQUEST_ID)
    is_json = answered.media_type == JSON
    return posted, msgspec.json.decode(answered.body) if is_json else answered.body.decode()
