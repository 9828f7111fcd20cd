"""The default bundle with another evaluation than its model's: what no process may serve."""

import csv
import math
from pathlib import Path

from lockstep.bundles.bundle import DEFAULT_BUNDLE, EVALUATION_FILE, load_bundle, save_bundle, seal_manifest


def write_unfaithful(folder: Path) -> Path:
    """Save the bundle in `folder`, one prediction off by a bit wherever it stands, sealed so that all digests match."""
    manifest = load_bundle(DEFAULT_BUNDLE).manifest
    files = {name: (DEFAULT_BUNDLE / name).read_bytes() for name in manifest.files}
    files[EVALUATION_FILE] = change_prediction(files[EVALUATION_FILE])
    save_bundle(folder, seal_manifest(manifest, files), files)
    return folder


def change_prediction(evaluation: bytes) -> bytes:
    """Return an evaluation whose first prediction is one bit off, in every row that has it."""
    first = next(csv.DictReader(evaluation.decode().splitlines()))["y_pred"]
    return evaluation.replace(first.encode(), repr(math.nextafter(float(first), math.inf)).encode())
