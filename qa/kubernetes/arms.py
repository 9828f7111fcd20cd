"""The two services of an overlay on this machine, each with the settings of its container."""

import json
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from lockstep.bundles.reading import load_bundle
from lockstep.bundles.versions import CHAMPION, write_aliases
from lockstep.scoring.keys import new_key
from qa.bench.cases import Case, make_cases
from qa.chaos.promoting import make_versions
from qa.default_bundle import DEFAULT_MODEL
from qa.kubernetes.manifests import ROUTE, SERVICE, Manifests, Object, Pods
from qa.kubernetes.service import make_environment
from qa.servers import App, Server, run_server

ALIASES = {CHAMPION: 1, "challenger": 2}
"""How the local model calls its versions; in each service one of them is the champion, as its container says."""
UNLIMITED = {"LOCKSTEP_RATE_LIMIT": "off", "WEB_CONCURRENCY": "1", "LOCKSTEP_HOST": "127.0.0.1"}


@dataclass(frozen=True)
class Arms:
    """Services that run: ports and digests by the name of the Service, the key of all, and what is right by digest."""

    route: Object
    model: Path
    ports: Mapping[str, int]
    digests: Mapping[str, str]
    cases: Mapping[str, Case]
    secret: str = field(repr=False)


@contextmanager
def run_arms(manifests: Manifests) -> Iterator[Arms]:
    """Run what the route of an overlay sends to, with the versions that the containers' aliases name."""
    [route] = manifests.list_kind(ROUTE)
    secret, key = new_key("gateway")
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        model = make_versions(Path(name) / DEFAULT_MODEL.name)
        write_aliases(model, ALIASES)
        ports, digests = {}, {}
        for backend in route["spec"]["rules"][0]["backendRefs"]:
            environ = make_environment(find_pods(manifests, backend["name"]), key.entry)
            app = make_app(model, {**environ, **UNLIMITED})
            server = stack.enter_context(run_server(app))
            ports[backend["name"]] = server.port
            digests[backend["name"]] = ask_digest(server)
        yield Arms(
            route, model, ports, digests, read_cases(*(model / str(version) for version in ALIASES.values())), secret
        )


def ask_digest(server: Server) -> str:
    """Return the digest of a service's champion, which answers where no version is asked for."""
    [champion] = [
        each for each in json.loads(server.ask("GET", "/version")[1])["models"] if CHAMPION in each["aliases"]
    ]
    digest: str = champion["digest"]
    return digest


def make_app(model: Path, environ: Mapping[str, str]) -> App:
    """Return the service of a folder of models, as the image runs it."""
    gunicorn = (sys.executable, "-m", "gunicorn", "--config", "backend/gunicorn.conf.py", "backend.wsgi:app")
    return App("the service", gunicorn, {**environ, "LOCKSTEP_MODELS": str(model)})


def read_cases(*bundles: Path) -> dict[str, Case]:
    """Return a request of one row with the answer of each version, by the version's digest."""
    return {load_bundle(bundle).manifest.digest: make_cases([1], bundle)[0] for bundle in bundles}


def find_pods(manifests: Manifests, service: str) -> Pods:
    """Return the pods that a Service sends requests to."""
    [selector] = [
        each["spec"]["selector"] for each in manifests.list_kind(SERVICE) if each["metadata"]["name"] == service
    ]
    [pods] = [each for each in manifests.list_pods() if each.match(selector)]
    return pods
