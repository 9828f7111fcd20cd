"""Try proxies against the checks that claim to find them."""

from collections.abc import Iterable

from lockstep.bundles.bundle import Bundle
from lockstep.parity.asking import Requests
from lockstep.parity.checks import Check
from lockstep.parity.compare import Comparison
from lockstep.parity.scope import Scope
from lockstep.parity.subject import Subject
from lockstep.parity.subjects import list_checks, make_subject
from qa.in_process import AppClient, Wsgi
from tests.parity.mutants.proxies import Proxy

ENOUGH = 6
"""Requests of a check that show what goes wrong in nearly all of them."""


def limit_checks(subject: Subject, checks: Iterable[Check]) -> Scope:
    """Return the first requests of each check."""
    runs = {check.name: check.run for check in checks if isinstance(check.run, Requests)}
    return Scope({name: list(run.list_numbers(subject))[:ENOUGH] for name, run in runs.items()})


def try_proxy(proxy: Proxy, app: Wsgi, bundle: Bundle, seed: int) -> Comparison | None:
    """Return the first request, of the checks that claim to find the proxy, that does; None if none does."""
    subject = make_subject(AppClient(proxy.wrap(app), bundle.manifest.name), bundle, seed, door=proxy.door)
    for check in list_checks(bundle, proxy.door):
        if check.name in proxy.killers and isinstance(check.run, Requests):
            for number in check.run.list_numbers(subject):
                found = check.run.ask(subject, number)
                if found.findings:
                    return found
    return None
