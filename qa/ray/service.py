"""Applications of Serve on a head: deployed as JSON through its dashboard, and waited for."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

from qa.errors import RunFailed
from qa.ray.head import APPLICATIONS, Head, run_head
from qa.service import STEADY

IMPORT_PATH = "backend.ray_serve:app"
DEPLOYMENT = "Lockstep"
REPLICAS = 2
CPUS_OF_REPLICA = 0.5
"""So that two replicas and Serve's own actors fit on two CPUs."""
DEPLOY_S, POLL_S = 180.0, 0.2
RUNNING, FAILED = "RUNNING", ("DEPLOY_FAILED", "UNHEALTHY")
FRONT = {"RAY_SERVE_HTTP_PROXY_CALLBACK_IMPORT_PATH": "lockstep.runtimes.ray.front:list_middlewares"}
LOGGING = {"encoding": "JSON", "enable_access_log": False}

Config = dict[str, Any]


def make_application(
    *,
    replicas: int = REPLICAS,
    environ: Mapping[str, str] | None = None,
    import_path: str = IMPORT_PATH,
    **options: Any,
) -> Config:
    """Return one application of a config of Serve; `options` are more of its deployment's, `environ` its variables."""
    actor = {"num_cpus": CPUS_OF_REPLICA, "runtime_env": {"env_vars": {**STEADY, **(environ or {})}}}
    deployment = {"name": DEPLOYMENT, "num_replicas": replicas, "max_ongoing_requests": 64, "ray_actor_options": actor}
    return {
        "name": "lockstep",
        "route_prefix": "/",
        "import_path": import_path,
        "deployments": [{**deployment, **options}],
    }


def deploy(head: Head, applications: Sequence[Config], host: str = "127.0.0.1") -> None:
    """Let Serve run these applications and no others; return when all do, raise `RunFailed` if one does not."""
    config = {
        "controller_options": {"runtime_env": {"env_vars": FRONT}},
        "proxy_location": "HeadOnly",
        "http_options": {"host": host, "port": head.http_port},
        "logging_config": LOGGING,
        "applications": list(applications),
    }
    deadline = time.monotonic() + DEPLOY_S
    while (put := head.ask("PUT", APPLICATIONS, config))[0] != HTTPStatus.OK:
        if put[0] != HTTPStatus.INTERNAL_SERVER_ERROR or time.monotonic() > deadline:
            raise RunFailed(f"Serve refuses the config with {put[0]}: {put[1]}")
        time.sleep(POLL_S)  # on a busy machine Serve is not up in its own 30 s
    while not _is_deployed(states := read_applications(head), applications):
        if time.monotonic() > deadline or any(each["status"] in FAILED for each in states.values()):
            raise RunFailed(f"not deployed: {describe_states(states)}")
        time.sleep(POLL_S)


def read_applications(head: Head) -> Mapping[str, Any]:
    """Return what Serve says of each application."""
    status, told = head.ask("GET", APPLICATIONS)
    if status != HTTPStatus.OK:
        raise RunFailed(f"the dashboard answers {status}: {told}")
    states: Mapping[str, Any] = told["applications"]
    return states


def describe_states(states: Mapping[str, Any]) -> str:
    """Return the status of each application, with the messages of those of its deployments that are not healthy."""
    told = [f"{name} {each['status']} {each['message']}" for name, each in states.items()]
    of_deployments = [deployment for each in states.values() for deployment in each["deployments"].values()]
    return "; ".join([*told, *(each["message"] for each in of_deployments if each["message"])])


@contextmanager
def run_ray(*applications: Config, cpus: int = 2, environ: Mapping[str, str] | None = None) -> Iterator[Head]:
    """Run applications of Serve on a head of their own inside a `with` block; without any, the default model's."""
    started = time.monotonic()
    with run_head(cpus, environ) as head:
        is_up = time.monotonic()
        print(f"    Ray's head is up after {is_up - started:.0f} s, ", end="", flush=True)
        deploy(head, applications or (make_application(),))
        print(f"the applications {time.monotonic() - is_up:.0f} s later", flush=True)
        yield head


def _is_deployed(states: Mapping[str, Any], applications: Sequence[Config]) -> bool:
    wanted = {each["name"] for each in applications}
    return wanted == set(states) and all(
        each["status"] == RUNNING and all(one["status"] == "HEALTHY" for one in each["deployments"].values())
        for each in states.values()
    )
