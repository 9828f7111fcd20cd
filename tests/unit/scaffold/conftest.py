import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from tests.conftest import ROOT


def build(checkout: Path, target: str, out: Path) -> Path:
    """Return what the build back end makes of a checkout: a wheel or an sdist."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", target, "--directory", str(out)]
    subprocess.run(command, cwd=checkout, check=True, capture_output=True)
    [built] = out.iterdir()
    return built


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(ROOT, "wheel", tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="session")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(ROOT, "sdist", tmp_path_factory.mktemp("sdist"))


@pytest.fixture(scope="session")
def wheel_of_the_sdist(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    unpacked = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(sdist) as archive:
        archive.extractall(unpacked, filter="data")
    [checkout] = unpacked.iterdir()
    return build(checkout, "wheel", tmp_path_factory.mktemp("rebuilt"))
