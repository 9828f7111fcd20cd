"""Kubernetes' own kinds against its own schemas, by kubernetes-validate."""

import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import yaml

from qa.kubernetes.definitions import FILES
from qa.kubernetes.manifests import Manifests
from qa.kubernetes.tools import VALIDATOR
from qa.servers import TIMEOUT_S

VERSIONS = ("1.30", "1.37")
"""The oldest Kubernetes in which `preStop.sleep` is on by default, and the newest that the validator knows."""


def find_invalid(manifests: Manifests) -> Iterator[str]:
    """Yield what is unknown or wrong in the objects of Kubernetes' own kinds."""
    objects = [each for each in manifests.objects if each["kind"] not in FILES]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"{manifests.overlay}.yaml"
        file.write_text(yaml.safe_dump_all(objects))
        for version in VERSIONS:
            command = [VALIDATOR.find(), "--kubernetes-version", version, "--strict", "--quiet", str(file)]
            told = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)  # noqa: S603
            # a kind that it does not know is only a warning to it
            yield from (line.replace(f"{file} ", "") for line in (told.stdout + told.stderr).splitlines())
            if told.returncode and not told.stdout + told.stderr:
                yield f"kubernetes-validate ended with {told.returncode}"
