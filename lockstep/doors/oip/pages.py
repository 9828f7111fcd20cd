"""The routes that describe the server and its models."""

from collections.abc import Mapping
from importlib.metadata import version

import msgspec

from lockstep.bundles.registry import Registry, Served
from lockstep.distribution import DISTRIBUTION
from lockstep.doors.door import NOT_READY, Encoded
from lockstep.doors.oip.columns import list_columns
from lockstep.doors.oip.outputs import describe_outputs
from lockstep.doors.oip.wire import ModelMetadata, ModelReady, ServerHealth, ServerMetadata, TensorMetadata

NAME = "lockstep"
EXTENSIONS = ["binary_tensor_data"]
MODEL, VERSION = "model", "version"
"""The names of the variable parts of a path."""
Names = Mapping[str, str]


def get_server(_: Registry, __: Names) -> Encoded:
    """Return what the server is."""
    return _write(ServerMetadata(NAME, version(DISTRIBUTION), EXTENSIONS))


def get_live(registry: Registry, _: Names) -> Encoded:
    """Return that the process is alive."""
    return _write(ServerHealth(live=True, ready=not registry.faults))


def get_ready(registry: Registry, _: Names) -> Encoded:
    """Return whether every self-check passed, with status 503 if one did not."""
    ready = not registry.faults
    return _write(ServerHealth(live=True, ready=ready), 200 if ready else NOT_READY)


def get_model(registry: Registry, names: Names) -> Encoded:
    """Return the metadata of a model; raise `UnknownModel`."""
    served = _pick(registry, names)
    bundle = served.bundle
    versions = [str(each.version) for each in registry.served if each.name == served.name]
    inputs = [TensorMetadata(name, taken[0], [-1]) for name, taken in list_columns(bundle.schema).items()]
    outputs = describe_outputs(bundle)
    platform = f"lockstep_{bundle.manifest.kind}"
    return _write(ModelMetadata(served.name, versions, platform, inputs, outputs, _list_properties(served)))


def get_model_ready(registry: Registry, names: Names) -> Encoded:
    """Return whether the self-check of a version passed, with status 503 if it did not; raise `UnknownModel`."""
    served = _pick(registry, names)
    ready = served.self_check.fault is None
    return _write(ModelReady(served.name, ready), 200 if ready else NOT_READY)


def _pick(registry: Registry, names: Names) -> Served:
    return registry.choose(names[MODEL], names.get(VERSION))


def _list_properties(served: Served) -> dict[str, str]:
    manifest = served.bundle.manifest
    properties = {"kind": manifest.kind, "digest": manifest.digest}
    return {**properties, "classes": msgspec.json.encode(manifest.classes).decode()} if manifest.classes else properties


def _write(answer: msgspec.Struct, status: int = 200) -> Encoded:
    return Encoded(msgspec.json.encode(answer), status=status)
