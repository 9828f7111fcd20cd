"""What a config of Serve may not say of a router and its arms: Serve itself would find it when it starts them."""

from collections.abc import Iterator, Mapping
from typing import Any

from lockstep.runtimes.ray.config_file import Fault
from lockstep.runtimes.ray.shares import ROUTER, read_shares
from lockstep.scoring.settings import SettingsError


def find_split_offences(values: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield what is wrong with the shares of each router: their sum, or an arm that is no deployment beside it."""
    for number, application in enumerate(values["applications"]):
        deployments = application.get("deployments", [])
        arms = [each["name"] for each in deployments if each["name"] != ROUTER]
        for place, deployment in enumerate(deployments):
            if deployment["name"] == ROUTER:
                try:
                    read_shares(deployment.get("user_config") or {}, arms)
                except SettingsError as error:
                    yield Fault(("applications", number, "deployments", place), str(error))
