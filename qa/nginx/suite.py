"""The parity suite through nginx of the examples."""

import sys
from pathlib import Path

from lockstep.scoring.keys import new_key
from qa.default_bundle import DEFAULT_BUNDLE
from qa.dist.steps import run
from qa.nginx.examples import read_compose_example, read_machine_example, run_example
from qa.servers import ROOT, App, run_server
from qa.service import make_service


def pass_parity() -> list[str]:
    """Show that the suite passes through nginx of both examples, as it does without."""
    secret, key = new_key("nginx")
    suite = (sys.executable, "-m", "lockstep", "parity")
    with run_server(make_behind(DEFAULT_BUNDLE, key.entry)) as service:
        for example in (read_compose_example(), read_machine_example()):
            with run_example(example, service.port) as proxy:
                run([*suite, proxy.url, "--bundle", DEFAULT_BUNDLE], ROOT, LOCKSTEP_API_KEY=secret)
    return []


def make_behind(model: Path, entry: str) -> App:
    """Return the service as both examples run it."""
    return make_service(model, environ={"LOCKSTEP_TRUSTED_PROXIES": "1", "LOCKSTEP_API_KEYS": entry})
