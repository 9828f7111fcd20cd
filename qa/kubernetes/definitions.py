"""RayService, Gateway and HTTPRoute against their definitions, in which every unknown member is refused."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema_rs
import yaml

from qa.errors import RunFailed
from qa.kubernetes.manifests import Manifests, Object, name

FILES = {
    "RayService": "ray.io_rayservices.yaml",
    "Gateway": "gateway.networking.k8s.io_gateways.yaml",
    "HTTPRoute": "gateway.networking.k8s.io_httproutes.yaml",
}
OPEN = "x-kubernetes-preserve-unknown-fields"
TEXTS = {"type": "object", "additionalProperties": {"type": "string"}}
METADATA = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "namespace": {"type": "string"}, "labels": TEXTS, "annotations": TEXTS},
    "additionalProperties": False,
}
"""What a file of ours may say of an object; the definitions leave it to Kubernetes itself."""


@dataclass(frozen=True)
class Definitions:
    """The closed schemas of custom resources, by API version and kind."""

    validators: Mapping[tuple[str, str], jsonschema_rs.Validator]

    def find_faults(self, manifests: Manifests) -> Iterator[str]:
        """Yield what the definitions do not allow in the custom resources of an overlay."""
        for each in manifests.list_kind(*FILES):
            validator = self.validators.get((each["apiVersion"], each["kind"]))
            if validator is None:
                yield f"{name(each)}: {each['apiVersion']} is not defined"
                continue
            for error in validator.iter_errors(each):
                yield f"{name(each)}, {'.'.join(map(str, error.instance_path))}: {error.message}"


def read_definitions(folder: Path) -> Definitions:
    """Return the definitions in a folder; raise `RunFailed` with the name of a file that is missing."""
    validators = {}
    for kind, file in FILES.items():
        definition = _read(folder / file)
        for version in definition["spec"]["versions"]:
            schema = close(version["schema"]["openAPIV3Schema"])
            identity = (f"{definition['spec']['group']}/{version['name']}", kind)
            validators[identity] = jsonschema_rs.validator_for(schema)
    return Definitions(validators)


def _read(file: Path) -> Object:
    try:
        # the parser in C reads a megabyte in less than a second
        definition: Object = yaml.load(file.read_bytes(), getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 -- safe
    except OSError as error:
        raise RunFailed(f"{file}: {error.strerror}; set KUBERNETES to the folder of the definitions") from None
    return definition


def close(schema: Object) -> Object:
    """Return a schema in which an object takes the members that are defined for it, and no others."""
    if schema == {"type": "object"}:
        return schema
    closed: dict[str, Any] = dict(schema)
    if properties := schema.get("properties"):
        closed["properties"] = {member: _close_member(member, each) for member, each in properties.items()}
        if not schema.get(OPEN):
            closed.setdefault("additionalProperties", False)
    for inner in ("items", "additionalProperties"):
        if isinstance(schema.get(inner), dict):
            closed[inner] = close(schema[inner])
    return closed


def _close_member(member: str, schema: Object) -> Object:
    return METADATA if member == "metadata" and "properties" not in schema else close(schema)
