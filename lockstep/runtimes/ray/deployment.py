"""The deployment of Ray Serve: replicas that answer with the app, and are healthy while it is ready."""

import logging
from collections.abc import Callable
from typing import Any

import ray
from ray import serve

from lockstep.errors import LockstepError
from lockstep.runtimes.ray.answering import InlineApp, Wsgi
from lockstep.runtimes.ray.exporting import ExportedFacts, export_counts, log_through_serve
from lockstep.scoring.booting import read_boot_settings
from lockstep.scoring.settings import Settings
from lockstep.web.site import find_site

NAME = "Lockstep"
"""The deployment's name, by which serve.yaml sets its options."""
CONTROLLER, NAMESPACE = "SERVE_CONTROLLER_ACTOR", "serve"

log = logging.getLogger(__name__)

CreateApp = Callable[[Settings], Any]


class NotServing(Exception):
    """The reason why a replica must not serve, as Ray hands it from process to process."""


class Unready(Exception):
    """The reasons why a replica is replaced."""


class AppProcess:
    """A process with the app, and models of its own; Serve makes it a replica."""

    def __init__(self, create_app: CreateApp) -> None:
        log_through_serve()
        try:
            self.settings = read_boot_settings()
            if host := ask_http_host():
                self.settings.check_bind(host)
            self.wsgi: Wsgi = create_app(self.settings)
        except LockstepError as error:
            log.critical("not serving: %s", error)
            raise NotServing(f"not serving: {error}") from None
        self.site = find_site(self.wsgi)
        self.site.metrics.use(export_counts())
        self.facts = ExportedFacts(self.site.metrics)

    def check_health(self) -> None:
        """Raise `Unready` if `/ready` is 503; Serve then replaces the replica."""
        self.facts.export()
        if faults := self.site.service.registry.faults:
            raise Unready("; ".join(faults))


@serve.deployment(name=NAME)
@serve.ingress()
class Replica(AppProcess):
    """One process that answers HTTP."""

    def __serve_build_asgi_app__(self) -> InlineApp:
        """Return what answers."""
        return InlineApp(self.wsgi, self.settings.max_body_bytes)


def make_application(create_app: CreateApp) -> serve.Application:
    """Return what `serve run` and serve.yaml start; each replica calls `create_app` with its settings."""
    return Replica.bind(create_app)  # type: ignore[attr-defined] # what the decorator has made of the class


def ask_http_host() -> str | None:
    """Return the address that Serve's proxies bind, on every machine of the cluster; None if there are none."""
    options = ray.get(ray.get_actor(CONTROLLER, NAMESPACE).get_http_config.remote())
    host: str | None = options.host
    return host
