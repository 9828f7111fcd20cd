import copy
import re
from pathlib import Path

import pytest
import yaml

from qa.errors import RunFailed
from qa.kubernetes.definitions import Definitions, close, read_definitions
from qa.kubernetes.envoy import derive_configuration
from qa.kubernetes.faults import list_faults
from qa.kubernetes.manifests import FOLDER, OVERLAYS, Object
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "kubernetes.md").read_text()
ROUTE = yaml.safe_load((FOLDER / "production" / "route.yaml").read_text())
PORTS = {"lockstep-champion": 5001, "lockstep-challenger": 5002}


def read_host(route: Object) -> Object:
    """Return the one virtual host of Envoy's configuration for a route."""
    [listener] = derive_configuration(route, 8080, PORTS)["static_resources"]["listeners"]
    [host] = listener["filter_chains"][0]["filters"][0]["typed_config"]["route_config"]["virtual_hosts"]
    return dict(host)


def test_envoy_gets_the_hostnames_weights_and_time_limit_of_the_route() -> None:
    host = read_host(ROUTE)
    [rule] = host["routes"]
    weights = [{"name": "lockstep-champion", "weight": 90}, {"name": "lockstep-challenger", "weight": 10}]
    assert host["domains"] == ["lockstep.example.com", "127.0.0.1:8080"]
    assert rule["match"] == {"prefix": "/"}
    assert rule["route"] == {"timeout": "30s", "weighted_clusters": {"clusters": weights}}


def test_what_a_route_says_and_envoy_would_not_do_is_refused() -> None:
    route = copy.deepcopy(ROUTE)
    route["spec"]["rules"][0]["filters"] = []
    with pytest.raises(RunFailed, match=r"\['filters'\], which is not derived"):
        read_host(route)


def test_a_closed_definition_refuses_unknown_members_but_where_it_leaves_them_open() -> None:
    defined = {"type": "object", "properties": {"known": {"type": "string"}}}
    opened = {**defined, "x-kubernetes-preserve-unknown-fields": True}
    closed = close({"type": "object", "properties": {"list": {"type": "array", "items": defined}, "any": opened}})
    assert closed["additionalProperties"] is False
    assert closed["properties"]["list"]["items"]["additionalProperties"] is False
    assert "additionalProperties" not in closed["properties"]["any"]


def test_a_missing_definition_is_named(tmp_path: Path) -> None:
    with pytest.raises(RunFailed, match=r"ray\.io_rayservices\.yaml: No such file .*; set KUBERNETES to the folder"):
        read_definitions(tmp_path)


def test_the_page_names_every_overlay_and_no_other() -> None:
    table = PAGE.partition("| overlay |")[2].partition("\n\n")[0]
    assert tuple(re.findall(r"^\| `([\w-]+)` \|", table, re.MULTILINE)) == OVERLAYS
    assert set(re.findall(r"--kustomize deploy/kubernetes/([\w-]+)", PAGE)) <= set(OVERLAYS)


def test_the_page_says_how_many_slips_are_found() -> None:
    [count] = re.findall(r"the slips that it is for: (\d+) of them", PAGE)
    assert int(count) == len([*list_faults(Definitions({}))])


def test_the_image_with_ray_holds_what_the_web_image_was_proven_with() -> None:
    image = (ROOT / "Dockerfile.ray").read_text()
    assert image.index("--require-hashes -r /tmp/ray.txt") < image.index("lockstep verify models")
    assert image.rindex("USER 65532:65532") > image.rindex("USER root")
    locks = [read_versions(ROOT / "requirements" / f"{name}.txt") for name in ("web", "ray")]
    assert locks[0].items() <= locks[1].items()


def read_versions(lock: Path) -> dict[str, str]:
    """Return the version of each package of a lock."""
    return dict(re.findall(r"^([\w.-]+)==(\S+)", lock.read_text(), re.MULTILINE))
