"""`python -m qa.ray.splitting`, from the root of the project: two versions behind one address.

They are proven with their shares, and asked under load while replicas are killed.
"""

import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial, update_wrapper
from pathlib import Path

from qa.bench.cases import make_cases
from qa.chaos.clients import ROWS, Clients, Tally
from qa.chaos.promoting import make_versions
from qa.dist.steps import run
from qa.errors import RunFailed
from qa.promises import try_promises
from qa.ray.head import Head
from qa.ray.service import CPUS_OF_REPLICA, Config, deploy, read_applications, run_ray
from qa.servers import ROOT, wait_until
from qa.service import STEADY

COMMAND = "make ray-split"
APPLICATION, ROUTER = "lockstep", "Router"
ARMS = {"Champion": 1, "Challenger": 2}
"""The version that is the champion in each arm."""
STICKY_HEADER = "x-lockstep-split-key"
EVEN, MOSTLY = {"Champion": 50, "Challenger": 50}, {"Champion": 80, "Challenger": 20}
N_CLIENTS, LOAD_S = 6, 6.0
KILLS = 4
FEWEST_ANSWERS = 100


def make_split(model: Path, shares: Mapping[str, int]) -> Config:
    """Return an application with a router and an arm for each of two versions, two replicas of each."""
    arms = [
        _deploy(name, {"LOCKSTEP_MODELS": str(model), "LOCKSTEP_ALIASES": f"{model.name}@champion={version}"})
        for name, version in ARMS.items()
    ]
    router = {**_deploy(ROUTER, {}), "user_config": {"shares": dict(shares), "sticky_header": STICKY_HEADER}}
    return {
        "name": APPLICATION,
        "route_prefix": "/",
        "import_path": "backend.ray_split:app",
        "deployments": [router, *arms],
    }


def _deploy(name: str, environ: Mapping[str, str]) -> Config:
    actor = {"num_cpus": CPUS_OF_REPLICA / 2, "runtime_env": {"env_vars": {**STEADY, **environ}}}
    return {"name": name, "num_replicas": 2, "max_ongoing_requests": 64, "ray_actor_options": actor}


def prove_split(head: Head, model: Path) -> list[str]:
    """Show that both versions are proven behind the router, with their shares, and callers stay on theirs."""
    expect = ("--expect", "champion=50,2=50", "--sticky", STICKY_HEADER)
    run([sys.executable, "-m", "lockstep", "parity", head.url, "--bundle", model, *expect], ROOT)
    return []


def change_shares(head: Head, model: Path) -> list[str]:
    """Show that other shares lose no request and restart no process, and are those that are then counted."""
    before = list_pids(head)
    with _loading(head, model) as tally:
        deploy(head, [make_split(model, MOSTLY)])
        time.sleep(LOAD_S)
    faults = [] if list_pids(head) == before else ["processes were replaced"]
    expect = ("--expect", "champion=80,2=20", "--only", "shares")
    run([sys.executable, "-m", "lockstep", "parity", head.url, "--bundle", model, *expect], ROOT)
    return [*faults, *_find_losses(tally)]


def kill_arms(head: Head, model: Path) -> list[str]:
    """Show that killed replicas of the arms lose no request while another replica of the arm is there."""
    with _loading(head, model) as tally:
        for number in range(KILLS):
            killed = list_pids(head)[[*ARMS][number % 2]][0]
            os.kill(killed, signal.SIGKILL)
            wait_until(lambda: _is_whole(head, killed), "the killed replica was not replaced")  # noqa: B023
    return _find_losses(tally)


@contextmanager
def _loading(head: Head, model: Path) -> Iterator[Tally]:
    cases = make_cases(ROWS[:3], model / "1", model / "2")
    with Clients(head.http_port, N_CLIENTS, cases=cases) as tally:
        time.sleep(LOAD_S / 2)
        yield tally


def _find_losses(tally: Tally) -> list[str]:
    print(f"    {tally}, p50 {tally.p50():.0f} ms, p99 {tally.p99():.0f} ms", flush=True)
    few = [] if len(tally.latencies) >= FEWEST_ANSWERS else ["too few answers to say"]
    return [*few, *tally.wrong[:3], *["a connection was closed"] * len(tally.closed)]


def list_pids(head: Head) -> dict[str, list[int]]:
    """Return the process ids of the replicas that run, by deployment."""
    deployments = read_applications(head)[APPLICATION]["deployments"]
    return {
        name: sorted(replica["pid"] for replica in each["replicas"] if replica["state"] == "RUNNING")
        for name, each in deployments.items()
    }


def _is_whole(head: Head, killed: int) -> bool:
    pids = list_pids(head)
    return all(len(each) == 2 and killed not in each for each in pids.values())


PROMISES = (prove_split, change_shares, kill_arms)


def main() -> int:
    """Deploy a router with two versions on a head and try every promise of it; return the exit code."""
    with tempfile.TemporaryDirectory(prefix="lockstep-ray-") as folder:
        model = make_versions(Path(folder) / "msft")
        with run_ray(make_split(model, EVEN)) as head:
            promises = [update_wrapper(partial(promise, head, model), promise) for promise in PROMISES]
            return try_promises(COMMAND, promises)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except RunFailed as error:  # a head or an application that does not start
        sys.exit(f"{COMMAND}: {error}")
