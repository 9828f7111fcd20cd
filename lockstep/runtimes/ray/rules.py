"""What a config of Serve may not say of this library's replicas, whatever Ray's schema allows."""

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lockstep.runtimes.ray.config_file import Fault, Place
from lockstep.runtimes.ray.split_rules import find_split_offences
from lockstep.scoring.setting import list_settings
from lockstep.scoring.settings import Settings, SettingsError, is_loopback, read_settings

ANY_ADDRESS = "0.0.0.0"  # noqa: S104 -- what Serve binds if a file names no host
AUTH_MODE, TOKEN = "RAY_AUTH_MODE", "token"
HOST: Place = ("http_options", "host")
LEAST, MOST = "min_replicas", "max_replicas"
ENV_VARS = ("runtime_env", "env_vars")
OURS = {setting.variable for _, setting in list_settings(Settings)}
SECRETS = {setting.variable for _, setting in list_settings(Settings) if setting.is_secret} | {"RAY_AUTH_TOKEN"}


def find_offences(values: Mapping[str, Any], environ: Mapping[str, str] = os.environ) -> Iterator[Fault]:
    """Yield what a config may not say; it fits Ray's schema. `environ` is what the head is started with."""
    inherited = {name: value for name, value in environ.items() if name in OURS}
    for number, application in enumerate(values["applications"]):
        place: Place = ("applications", number)
        shared = _read_variables(application)
        yield from _find_secrets((*place, *ENV_VARS), shared)
        for each, deployment in enumerate(application.get("deployments", [])):
            own = _read_variables(deployment.get("ray_actor_options", {}))
            of_deployment: Place = (*place, "deployments", each, "ray_actor_options", *ENV_VARS)
            yield from _find_secrets(of_deployment, own)
            yield from _find_settings_faults(of_deployment, values, {**inherited, **shared, **own})
        yield from _find_settings_faults((*place, *ENV_VARS), values, {**inherited, **shared})
        yield from _find_odd_deployments((*place, "deployments"), application.get("deployments", []))
    yield from _find_open_head(values, environ)
    yield from find_split_offences(values)


def _find_odd_deployments(place: Place, deployments: Sequence[Mapping[str, Any]]) -> Iterator[Fault]:
    """Yield names that are empty or there twice, and least numbers of replicas above the most."""
    names = [each["name"] for each in deployments]
    for number, deployment in enumerate(deployments):
        if not names[number].strip():
            yield Fault((*place, number, "name"), "is empty; expected the name of a deployment of the application")
        elif names[number] in names[:number]:
            yield Fault((*place, number, "name"), "is that of a deployment above; expected each once")
        scaling = deployment.get("autoscaling_config") or {}
        least, most = scaling.get(LEAST), scaling.get(MOST)
        if least is not None and most is not None and least > most:
            yield Fault((*place, number, "autoscaling_config", LEAST), f"is {least}, more than {MOST}, {most}")


def _read_variables(holder: Mapping[str, Any]) -> dict[str, str]:
    return dict(holder.get("runtime_env", {}).get("env_vars", {}))


def _find_secrets(place: Place, variables: Mapping[str, str]) -> Iterator[Fault]:
    reason = "Ray's dashboard shows it; set it in the environment in which `ray start` runs"
    yield from (Fault((*place, name), reason) for name in sorted(SECRETS & variables.keys()))


def _find_settings_faults(place: Place, values: Mapping[str, Any], variables: Mapping[str, str]) -> Iterator[Fault]:
    """Yield what these variables, which a replica would have, make it refuse to start for."""
    try:
        settings = read_settings(variables)
    except SettingsError as error:
        yield Fault(place, str(error))
        return
    try:
        settings.check_bind(_find_host(values))
    except SettingsError as error:
        yield Fault(HOST, f"{error}; or bind 127.0.0.1")


def _find_host(values: Mapping[str, Any]) -> str:
    host: str = values.get("http_options", {}).get("host", ANY_ADDRESS)
    return host


def _find_open_head(values: Mapping[str, Any], environ: Mapping[str, str]) -> Iterator[Fault]:
    if not is_loopback(_find_host(values)) and environ.get(AUTH_MODE, "").lower() != TOKEN:
        yield Fault(
            HOST,
            f"the address is open, and {AUTH_MODE} is not {TOKEN}: who reaches the head could run code on it. Make a "
            f"token with `ray get-auth-token --generate`, and set {AUTH_MODE}={TOKEN} where `ray start` runs, and here",
        )
