import os
import platform
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from models import machine
from models.machine import describe_machine

STRONGEST = np.show_config(mode="dicts")["SIMD Extensions"]["found"]


def test_the_machine_is_named() -> None:
    described = describe_machine()
    assert described.system == f"{platform.system()} {platform.machine()}"
    assert described.cpu not in ("", "unknown")
    assert described.simd[-1:] == STRONGEST[-1:] or not STRONGEST


def test_what_is_switched_off_is_not_named() -> None:
    script = "from models.machine import describe_machine; print(*describe_machine().simd)"
    environ = {**os.environ, "NPY_DISABLE_CPU_FEATURES": " ".join(STRONGEST[-1:])}
    told = subprocess.run([sys.executable, "-c", script], env=environ, capture_output=True, text=True, check=True)
    assert told.stdout.split() == describe_machine().simd[: len(told.stdout.split())]
    assert set(STRONGEST[-1:]).isdisjoint(told.stdout.split())


def test_a_cpu_that_cannot_be_read_is_unknown(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(machine, "CPU_INFO", tmp_path / "none")
    monkeypatch.setattr(platform, "processor", lambda: "")
    assert describe_machine().cpu == "unknown"
