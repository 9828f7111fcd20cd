"""Two hundred small models in one process, one of them broken."""

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from lockstep.bundles.saving import save_bundle, seal_manifest
from lockstep.training.training import Trained

N_MODELS = 200
MOST_MB = 150
"""Three times what they took when this bound was set: 50 MB on CPython 3.11."""
TIMEOUT_S = 120

LOAD = """
import sys
from pathlib import Path
from lockstep.bundles.loading import Selection, load_registry

def resident_mb():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS:"))

models = Path(sys.argv[1])
load_registry(Selection([models / "m0"]))
before = resident_mb()
registry = load_registry(Selection([models], default="m0", broken="skip"))
print(len(registry.served), len(registry.broken), registry.broken[0], resident_mb() - before, sep="\\n")
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc to read the memory of a process")
def test_two_hundred_models_take_bounded_memory_and_a_broken_one_does_not_stop_them(
    trained: Trained, tmp_path: Path
) -> None:
    for name in (f"m{number}" for number in range(N_MODELS)):
        manifest = seal_manifest(msgspec.structs.replace(trained.manifest, name=name), trained.files)
        save_bundle(tmp_path / name, manifest, trained.files)
    (tmp_path / "m7" / "1" / "scaler.pkl").write_bytes(b"")
    loaded = subprocess.run(
        [sys.executable, "-c", LOAD, str(tmp_path)], capture_output=True, text=True, timeout=TIMEOUT_S, check=True
    )
    served, broken, reason, grown_mb = loaded.stdout.splitlines()
    assert (int(served), int(broken)) == (N_MODELS - 1, 1)
    assert reason == "m7/1 was left out: DigestMismatch; the log has the reason"
    assert 1.0 < float(grown_mb) < MOST_MB
