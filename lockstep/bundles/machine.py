"""The machine that a process runs on, as far as it could change the bits of a number."""

import platform
import re
from pathlib import Path

import msgspec
import numpy as np

CPU_INFO = Path("/proc/cpuinfo")
UNKNOWN = "unknown"


class Machine(msgspec.Struct, frozen=True):
    """Name the system, the CPU and the SIMD extensions that numpy uses on it, weakest first."""

    system: str
    cpu: str
    simd: list[str]


def describe_machine() -> Machine:
    """Return the machine of this process; `NPY_DISABLE_CPU_FEATURES` shows in `simd`."""
    extensions = np.show_config(mode="dicts")["SIMD Extensions"]
    simd = [*extensions["baseline"], *extensions.get("found", [])]  # the member is not there where none is in force
    return Machine(f"{platform.system()} {platform.machine()}", _read_cpu_name(), simd)


def _read_cpu_name() -> str:
    try:
        found = re.search(
            r"^model name\s*:\s*(.+)$", CPU_INFO.read_text(encoding="utf-8", errors="replace"), re.MULTILINE
        )
    except OSError:
        found = None
    return found[1].strip() if found else platform.processor() or UNKNOWN
