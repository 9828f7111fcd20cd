"""What one app holds between requests; its handlers and hooks take it as their first argument, other routes find it."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
from flask import Flask

from lockstep.bundles.libraries import installed_libraries
from lockstep.bundles.machine import Machine, describe_machine
from lockstep.doors.door import Route
from lockstep.scoring.counters import Counters
from lockstep.scoring.metrics import Metrics
from lockstep.scoring.rate_limits import RateLimiter
from lockstep.scoring.service import Service
from lockstep.web.assets import Assets, load_assets
from lockstep.web.examples import Exemplify, keep_examples
from lockstep.web.openapi import Document, leave_out_examples
from lockstep.web.reports import WriteCard, keep_cards
from lockstep.web.versions import write_versions

EXTENSION = "lockstep"
"""The place of the site in `app.extensions`."""


@dataclass(frozen=True)
class Site:
    """The loaded service, its counts and limits, and what its answers repeat. Routes are by name.

    `versions` is the table of all models in HTML.
    """

    service: Service
    metrics: Metrics
    limiter: RateLimiter | None
    routes: dict[str, Route]
    document: bytes
    document_without_examples: bytes
    libraries: dict[str, str]
    machine: Machine
    write_card: WriteCard
    exemplify: Exemplify
    versions: str
    assets: Assets


def make_site(service: Service, routes: Sequence[Route], document: Document, counters: Counters) -> Site:
    """Return what the app of a service holds; `document` is its OpenAPI document."""
    settings = service.settings
    return Site(
        service,
        Metrics(service, counters),
        RateLimiter(settings.rate_limit, settings.redis_url) if settings.rate_limit else None,
        {route.name: route for route in routes},
        msgspec.json.encode(document),
        msgspec.json.encode(leave_out_examples(document)),
        installed_libraries(),
        describe_machine(),
        keep_cards(service.registry),
        keep_examples(service),
        write_versions(service.registry),
        load_assets(),
    )


def find_site(app: Flask) -> Site:
    """Return the site of an app that `create_app` made: the models that it serves are in `service.registry`."""
    site: Site = app.extensions[EXTENSION]
    return site
