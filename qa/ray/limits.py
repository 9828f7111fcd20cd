"""The rate limit of several replicas with one Redis."""

from http import HTTPStatus

from qa.errors import RunFailed
from qa.ray.head import Head
from qa.ray.service import Config, make_application
from qa.scale.replicas import LIMIT, LIMITED, MORE, post_row
from qa.servers import Server

NAME, REPLICAS = "limited", 2


def make_limited(redis: Server, options: Config) -> Config:
    """Return an application whose replicas count requests in the server of the Redis protocol."""
    environ = {**LIMITED, "REDIS_URL": f"redis://127.0.0.1:{redis.port}"}
    actor = {**options, "runtime_env": {"env_vars": environ}}
    application = make_application(replicas=REPLICAS, ray_actor_options=actor)
    return {**application, "name": NAME, "route_prefix": f"/{NAME}"}


def check_limit(head: Head) -> None:
    """Raise `RunFailed` unless the replicas let one limit through together."""
    statuses = [post_row(f"{head.url}/{NAME}").status_code for _ in range(LIMIT + MORE)]
    passed, refused = statuses.count(HTTPStatus.OK), statuses.count(HTTPStatus.TOO_MANY_REQUESTS)
    if (passed, refused) != (LIMIT, MORE):
        raise RunFailed(f"{REPLICAS} replicas with a limit of {LIMIT}: {passed} passed, {refused} were refused")
