"""Requests a second, start and memory of replicas on Ray, beside gunicorn and the least that Serve can answer with."""

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from http import HTTPStatus
from pathlib import Path
from tempfile import TemporaryDirectory

from qa.bench.apps import make_service_side
from qa.bench.cases import Case, make_cases
from qa.bench.footprint import read_pss_mb
from qa.bench.load import Sample, run_load
from qa.bench.models import copy_bundle
from qa.bench.plan import CONNECTIONS, ROWS, Plan
from qa.bench.serving import place_order
from qa.chaos.clients import HEADERS, connect
from qa.default_bundle import DEFAULT_BUNDLE
from qa.errors import RunFailed
from qa.ray.head import Head, run_head
from qa.ray.limits import check_limit, make_limited
from qa.ray.service import Config, deploy, make_application, read_applications
from qa.redis_server import run_redis
from qa.scale.memory import SERIES, Size, ask_models, name_model
from qa.servers import run_server

GUNICORNS = {"gunicorn, 1 worker": 1, "gunicorn, 2 workers": 2}
REPLICAS = {"Ray, 1 replica": ("one", 1), "Ray, 2 replicas": ("two", 2)}
TRIVIAL = "Serve, 1 replica that answers with zeros"
LITTLE = {"num_cpus": 0.2}
"""Of each replica, so that all applications fit on two CPUs; only one is loaded at a time."""
N_MODELS = 200
HEAD = "Ray's head, without an application"
ONE_MODEL, MANY_MODELS = "2 replicas of 1 model", f"2 replicas of {N_MODELS} models"
PLAN = Plan(rounds=3, load_s=1.2)


@dataclass(frozen=True)
class Target:
    """A service that is loaded: its name, its port, the path for a case, and whether it forecasts."""

    name: str
    port: int
    path: Callable[[Case], str]
    forecasts: bool = True


@dataclass(frozen=True)
class Figures:
    """The samples by service and rows; by what it is of, the seconds until it was there, and memory in 10^6 bytes."""

    samples: Mapping[tuple[str, int], Sequence[Sample]]
    seconds: Mapping[str, float]
    memory_mb: Mapping[str, float]


def measure_figures(web_python: Path) -> Figures:
    """Return the figures of one head; gunicorn runs beside it, and whoever is not loaded is idle."""
    seconds: dict[str, float] = {}
    memory_mb: dict[str, float] = {}
    with TemporaryDirectory(prefix="lockstep-ray-") as folder, ExitStack() as stack:
        models = Path(folder)
        copy_bundle(DEFAULT_BUNDLE, models, [name_model(SERIES, place) for place in range(N_MODELS)])
        with _timed(seconds, HEAD):
            head = stack.enter_context(run_head())
        for name, count in ((ONE_MODEL, 1), (MANY_MODELS, N_MODELS)):
            paths = [str(models / name_model(SERIES, place)) for place in range(count)]
            with _timed(seconds, name):
                deploy(head, [make_application(environ={"LOCKSTEP_MODELS": os.pathsep.join(paths)})])
            ask_models(head.http_port, models, Size(2, SERIES, count))
            memory_mb[name] = sum(read_pss_mb(pid) for pid in head.pids)
            memory_mb[f"{name}: the larger replica"] = max(read_pss_mb(pid) for pid in list_replicas(head))
        redis = stack.enter_context(run_redis())
        deploy(head, [*list_applications(), make_limited(redis, LITTLE)])
        check_limit(head)
        targets = [*list_replica_targets(head), *_run_gunicorn(stack, web_python)]
        return Figures(load_targets(targets, make_cases(ROWS), PLAN), seconds, memory_mb)


def list_applications() -> list[Config]:
    """Return one replica, two replicas and the trivial one, each an application of its own."""
    return [
        *(
            {**make_application(replicas=replicas, ray_actor_options=LITTLE), "name": name, "route_prefix": f"/{name}"}
            for name, replicas in REPLICAS.values()
        ),
        {
            **make_application(replicas=1, import_path="qa.ray.trivial:app", name="Trivial", ray_actor_options=LITTLE),
            **{"name": "trivial", "route_prefix": "/trivial"},
        },
    ]


def list_replica_targets(head: Head) -> Iterator[Target]:
    """Yield what is loaded on the head."""
    for shown, (name, _) in REPLICAS.items():
        yield Target(shown, head.http_port, lambda _, name=name: f"/{name}/forecast")  # type: ignore[misc]
    yield Target(TRIVIAL, head.http_port, lambda case: f"/trivial/{len(case.answer)}", forecasts=False)


def load_targets(targets: Sequence[Target], cases: Sequence[Case], plan: Plan) -> dict[tuple[str, int], list[Sample]]:
    """Return the samples; the targets take turns, so that what else the machine does meets them alike."""
    samples: dict[tuple[str, int], list[Sample]] = {}
    for case in cases:
        for target in targets:
            check_answer(target, case)
        for turn in range(plan.rounds):
            for target in targets if turn % 2 else reversed(targets):
                order = place_order(target.port, target.path(case), CONNECTIONS[-1], len(case.answer), plan)
                samples.setdefault((target.name, case.rows), []).append(run_load(order, case.body))
    return samples


def check_answer(target: Target, case: Case) -> None:
    """Raise `RunFailed` if an answer is not that of the evaluation, to the last bit."""
    connection = connect(target.port)
    connection.request("POST", target.path(case), case.body, HEADERS)
    response = connection.getresponse()
    answer = response.read()
    connection.close()
    if response.status != HTTPStatus.OK or (target.forecasts and answer != case.answer):
        raise RunFailed(f"{target.name}: {response.status}, not the answer to {case.rows} rows: {answer[:300]!r}")


def list_replicas(head: Head) -> list[int]:
    """Return the process ids of the replicas of every application."""
    deployments = [each for one in read_applications(head).values() for each in one["deployments"].values()]
    return [each["pid"] for deployment in deployments for each in deployment["replicas"] if each["state"] == "RUNNING"]


def _run_gunicorn(stack: ExitStack, web_python: Path) -> Iterator[Target]:
    side = make_service_side(web_python)
    for name, workers in GUNICORNS.items():
        app = replace(side.app, environ={**side.app.environ, "WEB_CONCURRENCY": str(workers)})
        yield Target(name, stack.enter_context(run_server(app)).port, side.path)


@contextmanager
def _timed(seconds: dict[str, float], name: str) -> Iterator[None]:
    began = time.monotonic()
    yield
    seconds[name] = time.monotonic() - began
