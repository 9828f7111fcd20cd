"""What is in force in a process: run as a script by the Python and in the environment of a cell."""

import json
import platform
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

PROBE_TIMEOUT_S = 60.0


class NotInForce(Exception):
    """The reason for which a cell cannot be run in its environment."""


@dataclass(frozen=True)
class Facts:
    """The version of Python, the SIMD levels that NumPy may use, lowest first, and OpenBLAS's kernels."""

    python: str
    simd: tuple[str, ...]
    kernels: tuple[str, ...]


def ask_facts(python: Path, environ: Mapping[str, str]) -> Facts:
    """Return what is in force in such a process; raise `NotInForce` with NumPy's own words where it warns."""
    # NumPy only warns of a feature that it does not know or cannot switch off
    command = [str(python), "-W", "error::ImportWarning", str(Path(__file__).resolve())]
    done = subprocess.run(  # noqa: S603 - our own command
        command, env=environ, capture_output=True, text=True, timeout=PROBE_TIMEOUT_S, check=False
    )
    if done.returncode != 0:
        raise NotInForce(" ".join(done.stderr.splitlines()[-3:]) or f"the probe ended with {done.returncode}")
    told = json.loads(done.stdout)
    return Facts(told["python"], tuple(told["simd"]), tuple(told["kernels"]))


def _read_facts() -> Facts:
    import numpy._core._multiarray_umath as core
    import sklearn.tree  # noqa: F401 - loads the libraries that the service loads
    from threadpoolctl import threadpool_info

    simd = tuple(name for name in core.__cpu_dispatch__ if core.__cpu_features__[name])
    kernels = {str(library["architecture"]) for library in threadpool_info() if library["internal_api"] == "openblas"}
    return Facts(platform.python_version(), simd, tuple(sorted(kernels)))


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asdict(_read_facts())))
