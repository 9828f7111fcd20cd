"""What a bundle promises of each output: bits by its exact form, else what was measured of scikit-learn.

An output without an exact form is never promised to the bit: equal bits on one machine show nothing of another. It is
computed over kernels of BLAS and levels of SIMD. Numbers get a tolerance, ten times what was measured or more; labels
get `labels`. If not even that holds, training is refused.
"""

import platform
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import msgspec
import numpy as np
from numpy.typing import NDArray

from lockstep.bundles.sealing import SealedModel
from lockstep.errors import TrainingError
from lockstep.predict.exact.form import Inputs
from lockstep.predict.exact.model import ExactModel
from lockstep.predict.guarantees import BITS, LABELS, NOTHING
from lockstep.predict.model import ModelInputs
from lockstep.predict.stages import PREDICTION, PROBA, Stages
from lockstep.training import guarantee_probe
from lockstep.training.guarantee_probe import Outputs, Task, describe_task
from lockstep.training.processes import ProcessFailed, run_apart

KERNEL, DISABLE_SIMD = "OPENBLAS_CORETYPE", "NPY_DISABLE_CPU_FEATURES"
OTHER_KERNEL = {"x86_64": "Prescott", "AMD64": "Prescott", "aarch64": "ARMV8", "arm64": "ARMV8"}
"""The oldest kernel that OpenBLAS has for a kind of machine: the furthest from the one that it would choose."""

LEAST, MOST = 12, 6
"""The tolerances that are given: from 1e-12 for what differs less than a tenth of it, to 1e-6."""

MARGIN = 10.0
AT_ONCE = 2


def promise_outputs(sealed: SealedModel, columns: ModelInputs, inputs: Inputs, stages: Stages) -> dict[str, str]:
    """Return the guarantee of each output of the evaluated rows, whose inputs and stages these are.

    Raises `EvaluationMismatch` if an exact form answers otherwise than scikit-learn, beyond its bound, and
    `TrainingError` if nothing can be promised.
    """
    if isinstance(sealed.model, ExactModel):
        sealed.compare(inputs, columns)
        return {name: BITS for name in (PROBA, PREDICTION) if name in stages}
    task = describe_task(sealed.pickles, columns.names, inputs, columns.is_table)
    if sealed.trusted:
        task = msgspec.structs.replace(task, application=str(sealed.application), trusted=list(sealed.trusted))
    return measure_guarantees(task, stages)


def measure_guarantees(task: Task, expected: Stages) -> dict[str, str]:
    """Return the guarantee of each output of `expected`, the stages of the task's rows in this process.

    The task is run again in four processes: two kernels of BLAS, each with two levels of SIMD. `prediction` gets
    `labels` for a classifier and a tolerance for a regressor; `proba` gets a tolerance, or `nothing`. Raises
    `TrainingError` if labels differ, or numbers by more than any tolerance.
    """
    with ThreadPoolExecutor(AT_ONCE) as pool:
        runs = list(pool.map(lambda environ: _run_apart(task, environ), list_environments()))
    guarantees = {}
    for name in (PROBA, PREDICTION):
        if name in expected:
            found = [np.array(run[name]) for run in runs]
            guarantees[name] = choose_guarantee(name, expected[name], found)
    return guarantees


def choose_guarantee(name: str, expected: NDArray[np.generic], found: Sequence[NDArray[np.generic]]) -> str:
    """Return what can be promised of an output that was found to be `found` elsewhere; see `measure_guarantees`."""
    if expected.dtype.kind != "f":
        flipped = sum(int((each != expected).sum()) for each in found)
        if flipped:
            raise TrainingError(
                f"{flipped} labels differ between kernels of BLAS or levels of SIMD: nothing can be promised of this "
                "model; choose an estimator with an exact form"
            )
        return LABELS
    difference = max(measure_difference(expected, each) for each in found)
    for exponent in range(LEAST, MOST - 1, -1):
        if difference * MARGIN <= 10.0**-exponent:
            return f"tolerance 1e-{exponent:02d}"
    if name == PROBA:
        return NOTHING
    raise TrainingError(
        f"predictions differ by up to {difference:.1e} of themselves between kernels of BLAS or levels of SIMD, more "
        "than any tolerance that is given; choose an estimator with an exact form"
    )


def measure_difference(expected: NDArray[np.generic], found: NDArray[np.generic]) -> float:
    """Return the largest difference of two float64 arrays, relative to the larger number; infinite at a lone NaN."""
    first, second = np.asarray(expected, np.float64), np.asarray(found, np.float64)
    same = (first == second) | (np.isnan(first) & np.isnan(second))
    larger = np.maximum(np.abs(first), np.abs(second))[~same]
    relative = np.abs(first - second)[~same] / larger
    return float(np.max(np.nan_to_num(relative, nan=np.inf), initial=0.0))


def list_environments() -> Iterator[Mapping[str, str]]:
    """Yield the variables of the four processes."""
    found = np.show_config(mode="dicts")["SIMD Extensions"].get("found", [])
    for kernel in (None, OTHER_KERNEL.get(platform.machine())):
        for disabled in (None, " ".join(found)):
            yield {name: value for name, value in ((KERNEL, kernel), (DISABLE_SIMD, disabled)) if value}


def _run_apart(task: Task, environ: Mapping[str, str]) -> Outputs:
    try:
        answer = run_apart(guarantee_probe.__name__, msgspec.msgpack.encode(task), environ)
    except ProcessFailed as error:
        raise TrainingError(f"the model does not predict in a process of its own: {error}") from error
    return msgspec.msgpack.decode(answer, type=Outputs)
