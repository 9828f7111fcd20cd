"""Processes of Ray ended, and versions and replicas changed, while clients ask."""

import os
import signal
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from qa.chaos.promoting import make_versions
from qa.ray.head import run_head
from qa.ray.load import Load, Outcomes, Question, make_questions
from qa.ray.scene import Scene

N_CLIENTS = 8
STEADY_S = 3.0
"""How long clients ask before a fault, and after what it takes to recover."""
AUTOSCALING = {
    "min_replicas": 1,
    "max_replicas": 3,
    "target_ongoing_requests": 1,
    "upscale_delay_s": 1,
    "downscale_delay_s": 2,
    "metrics_interval_s": 1,
    "look_back_period_s": 2,
}
CPUS = 3
LEAST_RIGHT = 100


def kill_replica(scene: Scene, load: Load) -> None:
    """End one of two replicas by SIGKILL."""
    before = scene.replicas()
    os.kill(before[0], signal.SIGKILL)
    scene.wait(lambda: len({*scene.replicas()} - {before[0]}) == len(before), "no replica took the killed one's place")


def redeploy(scene: Scene, load: Load) -> None:
    """Deploy the other version in place."""
    scene.deploy(2)


def autoscale(scene: Scene, load: Load) -> None:
    """Let Serve scale from one replica, for one client, to three, for eight, and back to one."""
    scene.deploy(2, num_replicas="auto", autoscaling_config=AUTOSCALING)
    for active, replicas in ((1, 1), (N_CLIENTS, 3), (1, 1)):
        load.active = active
        scene.wait(partial(scene.has_replicas, replicas), f"not {replicas} replicas")


def kill_proxy(scene: Scene, load: Load) -> None:
    """End the proxy, through which every request of this machine goes, by SIGKILL."""
    before = scene.find("ProxyActor")
    os.kill(before, signal.SIGKILL)
    scene.wait(lambda: scene.has_another("ProxyActor", before), "no proxy took the killed one's place")


def kill_controller(scene: Scene, load: Load) -> None:
    """End Serve's controller, which starts and counts the replicas, by SIGKILL."""
    before = scene.find("ServeController")
    os.kill(before, signal.SIGKILL)
    scene.wait(lambda: scene.has_another("ServeController", before), "no controller took the killed one's place")


@dataclass(frozen=True)
class Fault:
    """What is done to a head, in the words of the page, and what is promised.

    `inflict` returns when Serve has recovered. At most so many requests are lost, None where that depends on how often
    clients ask; and none is lost later than `most_s` seconds after. So many `versions` answer.
    """

    name: str
    inflict: Callable[[Scene, Load], None]
    most_lost: int | None
    most_s: float
    versions: int = 1

    @property
    def most(self) -> str:
        """Return how much is lost at most, in words."""
        if self.most_lost is None:
            return f"all, for {self.most_s:.0f} s"
        return f"{self.most_lost}, for {self.most_s:.0f} s" if self.most_lost else "0"


FAULTS = (
    Fault("a replica of two killed", kill_replica, N_CLIENTS, 5.0),
    Fault("version 2 deployed in place", redeploy, 0, 0.0, versions=2),
    Fault("Serve's controller killed", kill_controller, 0, 0.0),
    Fault("the proxy of the machine killed", kill_proxy, None, 45.0),
    Fault("autoscaled from 1 to 3 to 1 replicas", autoscale, 0, 0.0),
)


@dataclass(frozen=True)
class Result:
    """How a fault went: the outcomes, the seconds for which requests were lost, and those until Serve had recovered."""

    fault: Fault
    outcomes: Outcomes
    lost_s: float
    recovered_s: float

    def list_broken(self) -> list[str]:
        """Return each promise that was broken."""
        fault, outcomes = self.fault, self.outcomes
        n_lost = len(outcomes.lost)
        broken = [f"wrong answers: {outcomes.wrong[:3]}"] * bool(outcomes.wrong)
        if fault.most_lost is not None and n_lost > fault.most_lost:
            broken.append(f"{n_lost} lost, of {fault.most_lost} at most: {outcomes.describe_lost()}")
        if self.lost_s > fault.most_s:
            broken.append(f"requests were lost for {self.lost_s:.1f} s, more than {fault.most_s:.0f} s")
        if len(outcomes.versions) != fault.versions:
            broken.append(f"{len(outcomes.versions)} versions answered, not {fault.versions}")
        if len(outcomes.right) < LEAST_RIGHT:
            broken.append(f"only {len(outcomes.right)} right answers: too few to say")
        return broken


def inflict(fault: Fault, scene: Scene, questions: Sequence[Question]) -> Result:
    """Inflict a fault on a head under load."""
    with Load(scene.head.http_port, questions, N_CLIENTS) as load:
        time.sleep(STEADY_S)
        began = time.monotonic()
        fault.inflict(scene, load)
        recovered_s = time.monotonic() - began
        time.sleep(STEADY_S)
    return Result(fault, load.outcomes, load.outcomes.recovered_s(began), recovered_s)


def inflict_all() -> list[Result]:
    """Inflict every fault on one head and print how it went."""
    results: list[Result] = []
    with tempfile.TemporaryDirectory(prefix="lockstep-ray-") as folder:
        model = make_versions(Path(folder) / "msft")
        questions = make_questions(model / "1", model / "2")
        with run_head(CPUS) as head:
            scene = Scene(head, model)
            scene.deploy(1)
            for fault in FAULTS:
                results.append(inflict(fault, scene, questions))
                print(describe(results[-1]), flush=True)
    return results


def describe(result: Result) -> str:
    """Return a result in lines for a person."""
    outcomes = result.outcomes
    verdict = "BROKEN" if result.list_broken() else "kept"
    figures = (
        f"{verdict:<7} {result.fault.name}: {outcomes.asked} asked, lost: {outcomes.describe_lost()}, "
        f"{len(outcomes.wrong)} wrong; lost for {result.lost_s:.1f} s, longest silence {outcomes.silence_s():.1f} s, "
        f"recovered after {result.recovered_s:.1f} s; {len(outcomes.versions)} versions"
    )
    return "\n".join((figures, *(f"        {line}" for line in result.list_broken())))
