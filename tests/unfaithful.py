"""The default bundle with another evaluation than its model's: what no process may serve."""

import csv
import math
from pathlib import Path

from lockstep.bundles.evaluation import EVALUATION_FILE
from lockstep.bundles.reading import load_series
from lockstep.bundles.saving import save_bundle, seal_manifest
from qa.default_bundle import DEFAULT_BUNDLE


def write_unfaithful(folder: Path) -> Path:
    """Save the bundle as a version of `folder`/msft, one prediction off by a bit; all its digests match."""
    manifest = load_series(DEFAULT_BUNDLE).manifest
    files = {name: (DEFAULT_BUNDLE / name).read_bytes() for name in manifest.files}
    files[EVALUATION_FILE] = change_prediction(files[EVALUATION_FILE])
    return save_bundle(folder / "msft", seal_manifest(manifest, files), files)


def change_prediction(evaluation: bytes) -> bytes:
    """Return an evaluation whose first prediction is one bit off, in every row that has it."""
    first = next(csv.DictReader(evaluation.decode().splitlines()))["y_pred"]
    return evaluation.replace(first.encode(), repr(math.nextafter(float(first), math.inf)).encode())
