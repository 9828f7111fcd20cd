"""Train the tutorial's bundle, compare it with what was published, serve it, and run the parity suite on it.

`python -m examples.tutorial FOLDER`, where FOLDER holds `MSFT.csv` and `evaluation_y_pred.txt`. Exit code 0 means that
all is as `docs/parity-example.md` tells it: the predictions agree, and `lockstep parity` finds the service different.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from examples.tutorial.train import train_tutorial
from lockstep.bundles.finding import resolve_version
from lockstep.bundles.reading import load_series
from lockstep.bundles.saving import save_bundle
from lockstep.bundles.scores import AnyScores, ReturnScores
from lockstep.bundles.series import SeriesBundle
from lockstep.data.bars import Array
from lockstep.data.bits import ulp_distance
from qa.default_bundle import DEFAULT_MODEL
from qa.servers import run_server
from qa.service import make_service

FILES = ("MSFT.csv", "evaluation_y_pred.txt")
MAX_ULP = 2
"""A prediction is the mean of the returns in a leaf; six of the ten published means are off by a bit or two."""
DIFFERENT = 1
REPEATS = 15
SEED = 1
"""Of the requests of the suite, so that a run prints what the page shows."""


def main(folder: Path) -> int:
    """Print the whole story and return the exit code."""
    if missing := [name for name in FILES if not (folder / name).is_file()]:
        print(f"{folder} holds no {' and no '.join(missing)}: see examples/tutorial/README.md")
        return 1
    prices, published = folder / FILES[0], np.loadtxt(folder / FILES[1])
    trained = train_tutorial(prices)
    with tempfile.TemporaryDirectory(prefix="lockstep-tutorial-") as scratch:
        out = save_bundle(Path(scratch) / "tutorial", trained.manifest, trained.files)
        distances = measure_distances(published, trained.evaluation.y_pred[: published.size])
        same, near = distances.count(0), sum(distance <= MAX_ULP for distance in distances)
        print(f"{published.size} published predictions: {same} the same to the bit, {near} within {MAX_ULP} ULP")
        for name, scores in trained.manifest.scores.items():
            print(describe_scores(name, scores))
        print(compare_cost(load_series(out), load_series(resolve_version(DEFAULT_MODEL))), flush=True)
        with run_server(make_service(out)) as service:
            command = ["parity", service.url, "--bundle", str(out), "--seed", str(SEED)]
            print("\n$ lockstep", *command, flush=True)
            code = subprocess.run([sys.executable, "-m", "lockstep", *command], check=False).returncode
    print(f"\nlockstep parity ended with exit code {code}; {DIFFERENT} is expected: see docs/parity-example.md")
    return 0 if (near, code) == (published.size, DIFFERENT) else 1


def measure_distances(published: Array, computed: Array) -> list[int]:
    """Return how many float64 lie between each published prediction and the computed one, both finite."""
    pairs = zip(published.tolist(), computed.tolist(), strict=True)
    return [distance for one, other in pairs if (distance := ulp_distance(one, other)) is not None]


def describe_scores(name: str, scores: AnyScores) -> str:
    """Return one line of scores, with the digits that the tutorial's figures have."""
    if not isinstance(scores, ReturnScores):
        raise TypeError(f"{name} has no scores of returns")
    return f"{name:<25} MAE {scores.mae:.5f}  MSE {scores.mse:.6f}  R² {scores.r2:.3f}"


def compare_cost(whole: SeriesBundle, windowed: SeriesBundle) -> str:
    """Return the processor time of a forecast of one row from the whole history, and from a window of it."""
    slow, fast = _median_ms(whole), _median_ms(windowed)
    return f"processor time of one row: {slow:.1f} ms; windowed default bundle: {fast:.2f} ms; {slow / fast:.0f} : 1"


def _median_ms(bundle: SeriesBundle) -> float:
    newest, durations = bundle.bars.select(slice(-1, None)), []
    for _ in range(REPEATS):
        started = time.process_time()
        bundle.forecaster.forecast(newest)
        durations.append(time.process_time() - started)
    return 1000.0 * statistics.median(durations)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
