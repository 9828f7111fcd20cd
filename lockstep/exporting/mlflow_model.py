"""A bundle as a folder that MLflow loads and serves.

MLflow reads YAML; the files are JSON, which is YAML as well. So MLflow is not needed to write them.
"""

import json
import platform
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from lockstep.applications import APPLICATION_FILE, DEFAULT_MODELS
from lockstep.bundles.bundle import Bundle
from lockstep.bundles.manifest import MANIFEST_FILE
from lockstep.bundles.panels.bundle import PanelBundle
from lockstep.bundles.reading import list_sources, read_files
from lockstep.distribution import DISTRIBUTION
from lockstep.doors.mlflow.door import write_example
from lockstep.errors import InvalidBundle
from lockstep.exporting.signature import describe_signature

LOADER = "lockstep.exporting.mlflow_loader"
APPLICATION = "application"
"""The folder of the bundle and of the code that it runs; MLflow's own files stand beside it."""
ENVIRONMENT, REQUIREMENTS = "python_env.yaml", "requirements.txt"
EXAMPLE, SERVING_EXAMPLE = "input_example.json", "serving_input_example.json"
ENSEMBLES = "treelite"
"""What finds the leaves of ensembles; without it here, no model that needs it was loaded."""


def write_model(bundle: Bundle, folder: Path, target: Path) -> list[str]:
    """Write the bundle of `folder` into `target`, a new or empty folder; return the files, relative, sorted.

    Raises FileExistsError if `target` holds anything, and `InvalidBundle` for a panel.
    """
    if isinstance(bundle, PanelBundle):
        raise InvalidBundle(
            f"{folder} is a model of many series, of which there is no MLflow model; `lockstep serve` answers its "
            'protocol instead: POST /invocations with {"params": {"symbol": …}}'
        )
    if target.exists() and any(target.iterdir()):
        raise FileExistsError(f"{target} is not empty; name a new folder or an empty one")
    place = f"{DEFAULT_MODELS}/{bundle.manifest.name}/{folder.resolve().name}"
    inside = {f"{APPLICATION}/{path}": content for path, content in _list_application(bundle, folder, place).items()}
    contents = {**inside, **_list_beside(bundle, f"{APPLICATION}/{place}")}
    for path, content in contents.items():
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        (target / path).write_bytes(content)
    return sorted(contents)


def _list_application(bundle: Bundle, folder: Path, place: str) -> dict[str, bytes]:
    """Return the files of an application that holds the bundle alone, at `place`."""
    manifest, files = read_files(folder)
    files[MANIFEST_FILE] = (folder / MANIFEST_FILE).read_bytes()
    sources = {path: source.read_bytes() for path, source in list_sources(folder, manifest).items()}
    # a JSON string is a TOML string as well
    members = {"name": manifest.name, "default": manifest.name, "trusted": list(manifest.trusted)}
    described = "".join(f"{name} = {json.dumps(value, ensure_ascii=False)}\n" for name, value in members.items())
    bundled = {f"{place}/{name}": content for name, content in files.items()}
    return {APPLICATION_FILE: described.encode(), **sources, **bundled}


def _list_beside(bundle: Bundle, data: str) -> dict[str, bytes]:
    """Return MLflow's own files; `data` is the folder that its loader gets."""
    example = write_example(bundle)
    return {
        "MLmodel": _write(_describe_model(bundle, data)),
        ENVIRONMENT: _write({"python": platform.python_version(), "dependencies": [f"-r {REQUIREMENTS}"]}),
        REQUIREMENTS: "".join(f"{line}\n" for line in _list_requirements(bundle)).encode(),
        EXAMPLE: _write(example["dataframe_split"]),
        SERVING_EXAMPLE: _write(example),
    }


def _describe_model(bundle: Bundle, data: str) -> dict[str, object]:
    flavor = {
        "loader_module": LOADER,
        "data": data,
        "env": {"virtualenv": ENVIRONMENT},
        "python_version": platform.python_version(),
    }
    described = {"type": "dataframe", "pandas_orient": "split"}
    return {
        "flavors": {"python_function": flavor},
        "signature": describe_signature(bundle),
        "saved_input_example_info": {**described, "artifact_path": EXAMPLE, "serving_input_path": SERVING_EXAMPLE},
        "metadata": {"model": bundle.manifest.name, "digest": bundle.manifest.digest},
    }


def _list_requirements(bundle: Bundle) -> list[str]:
    pinned = {name: found for name, found in bundle.manifest.libraries.items() if name != "python"}
    pinned[DISTRIBUTION] = version(DISTRIBUTION)
    with suppress(PackageNotFoundError):
        pinned[ENSEMBLES] = version(ENSEMBLES)
    return ["mlflow", *sorted(f"{name}=={found}" for name, found in pinned.items())]


def _write(described: object) -> bytes:
    return f"{json.dumps(described, indent=2)}\n".encode()
