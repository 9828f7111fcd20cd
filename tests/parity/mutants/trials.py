"""Try wrong services against the checks that claim to find them."""

import dataclasses
from collections.abc import Callable, Collection, Iterable, Sequence

from lockstep.bundles.bundle import Bundle
from lockstep.bundles.registry import Registry
from lockstep.bundles.series import as_series
from lockstep.parity.asking import Requests
from lockstep.parity.checks import Check
from lockstep.parity.compare import Comparison
from lockstep.parity.scope import Scope
from lockstep.parity.subject import Subject
from lockstep.parity.subjects import list_checks, make_subject
from lockstep.predict.forecast import Forecaster
from lockstep.scoring.service import load_service
from lockstep.scoring.settings import Settings
from lockstep.web.app import make_app
from qa.in_process import AppClient, Wsgi
from tests.parity.mutants.proxies import Proxy

ENOUGH = 6
"""Requests of a check that show what goes wrong in nearly all of them."""


def limit_checks(subject: Subject, checks: Iterable[Check]) -> Scope:
    """Return the first requests of each check."""
    runs = {check.name: check.run for check in checks if isinstance(check.run, Requests)}
    return Scope({name: list(run.list_numbers(subject))[:ENOUGH] for name, run in runs.items()})


def serve_forecaster(mutate: Callable[[Forecaster], Forecaster]) -> Wsgi:
    """Return the service of the default model with another forecaster."""
    service = load_service(Settings(rate_limit=None))
    default = service.registry.default
    real = as_series(default.bundle)
    served = dataclasses.replace(default, bundle=dataclasses.replace(real, forecaster=mutate(real.forecaster)))
    return make_app(dataclasses.replace(service, registry=Registry((served,), served))).wsgi_app


def try_proxy(proxy: Proxy, app: Wsgi, bundle: Bundle, seed: int) -> Comparison | None:
    """Return the first request, of the checks that claim to find the proxy, that does; None if none does."""
    subject = make_subject(AppClient(proxy.wrap(app), bundle.manifest.name), bundle, seed, door=proxy.door)
    return try_checks(subject, proxy.killers)


def try_checks(subject: Subject, killers: Collection[str], checks: Sequence[Check] | None = None) -> Comparison | None:
    """Return the first request of these checks that finds something; None if none does."""
    door = "" if subject.protocol is None else subject.protocol.name
    for check in list_checks(subject.bundle, door) if checks is None else checks:
        if check.name in killers and isinstance(check.run, Requests):
            for number in check.run.list_numbers(subject):
                found = check.run.ask(subject, number)
                if found.findings:
                    return found
    return None
