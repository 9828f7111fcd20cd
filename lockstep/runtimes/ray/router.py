"""Several versions behind one address: a router, and an arm for each version, which all run the same app."""

from collections.abc import Mapping, Sequence
from typing import Any

from ray import serve
from ray.exceptions import RayActorError
from ray.serve.handle import DeploymentHandle

from lockstep.errors import LockstepError
from lockstep.runtimes.ray.answering import Answer, InlineApp
from lockstep.runtimes.ray.deployment import AppProcess, CreateApp, Unready
from lockstep.runtimes.ray.environ import Environ
from lockstep.runtimes.ray.routing import Ask, RoutingApp, answer_handed
from lockstep.runtimes.ray.shares import ROUTER, Shares, read_shares
from lockstep.scoring.settings import read_settings


@serve.deployment
class Arm(AppProcess):
    """One process of one version, which answers what the router hands it."""

    async def answer(self, environ: Environ, body: bytes, is_whole: bool) -> Answer:
        """Return the answer of the app."""
        return answer_handed(self.wsgi, environ, body, is_whole)


@serve.deployment(name=ROUTER)
@serve.ingress()
class Router:
    """One process that hands requests on to the arms, by the shares in its `user_config`."""

    def __init__(self, arms: Mapping[str, DeploymentHandle]) -> None:
        self.arms = arms
        self.shares: Shares | None = None

    def reconfigure(self, config: dict[str, Any]) -> None:
        """Take new shares, from the next request on; raise `Unready` for wrong ones."""
        try:
            self.shares = read_shares(config, tuple(self.arms))
        except LockstepError as error:
            raise Unready(str(error)) from None

    def __serve_build_asgi_app__(self) -> InlineApp:
        """Return what answers."""
        return RoutingApp(self.choose, RayActorError, read_settings().max_body_bytes)

    def choose(self, environ: Environ) -> Ask:
        """Return the arm of a request; raise `Unready` without shares."""
        ask: Ask = self.arms[self.find_shares().choose(environ)].answer.remote
        return ask

    def find_shares(self) -> Shares:
        """Return the shares; raise `Unready` without any."""
        if self.shares is None:
            raise Unready(f"the deployment {ROUTER} has no user_config with shares")
        return self.shares

    def check_health(self) -> None:
        """Raise `Unready` without shares; Serve then says so."""
        self.find_shares()


def make_split(create_app: CreateApp, arms: Sequence[str]) -> serve.Application:
    """Return the router with arms of these names; each of their replicas calls `create_app` with its settings."""
    deployment: Any = Arm
    bound = {name: deployment.options(name=name).bind(create_app) for name in arms}
    return Router.bind(bound)  # type: ignore[attr-defined] # what the decorator has made of the class
