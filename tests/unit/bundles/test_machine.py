import os
import platform
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from lockstep.bundles import machine
from lockstep.bundles.machine import describe_machine

EXTENSIONS = np.show_config(mode="dicts")["SIMD Extensions"]
FOUND = EXTENSIONS.get("found", [])


def test_the_machine_is_named() -> None:
    described = describe_machine()
    assert described.system == f"{platform.system()} {platform.machine()}"
    assert described.cpu not in ("", "unknown")
    assert described.simd == [*EXTENSIONS["baseline"], *FOUND]


@pytest.mark.parametrize("off", [FOUND[-1:], FOUND])
def test_what_is_switched_off_is_not_named(off: list[str]) -> None:
    script = "from lockstep.bundles.machine import describe_machine; print(*describe_machine().simd)"
    environ = {**os.environ, "NPY_DISABLE_CPU_FEATURES": " ".join(off)}
    told = subprocess.run([sys.executable, "-c", script], env=environ, capture_output=True, text=True, check=True)
    assert told.stdout.split() == [name for name in describe_machine().simd if name not in off]


def test_a_cpu_that_cannot_be_read_is_unknown(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(machine, "CPU_INFO", tmp_path / "none")
    monkeypatch.setattr(platform, "processor", lambda: "")
    assert describe_machine().cpu == "unknown"
