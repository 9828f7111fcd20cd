"""Support vector machines: libsvm takes its sizes from one array and reads the others by them."""

from typing import Any

import numpy as np

from lockstep.bundles.fitted_state.shapes import check_floats, count_inputs, require

KERNELS = ("linear", "poly", "rbf", "sigmoid")
REGRESSION_CLASSES = 2


def check_vectors(machine: Any) -> None:
    """Check every array that libsvm reads against the number of classes and of support vectors."""
    _check_kernel(machine)
    is_classifier = hasattr(machine, "classes_")
    n_classes = machine.classes_.size if is_classifier else REGRESSION_CLASSES
    n_vectors, n_pairs = machine.support_.size, n_classes * (n_classes - 1) // 2
    require(machine.support_.dtype == np.int32 and machine.support_.ndim == 1, machine, "support is no array")
    counts = machine._n_support
    fits = isinstance(counts, np.ndarray) and counts.dtype == np.int32 and counts.shape == (n_classes,)
    require(fits, machine, "numbers of support vectors do not fit its classes")
    counted = counts if is_classifier else counts[:1]  # the second one of a regression is never written
    require((counted >= 0).all() and counted.sum() == n_vectors, machine, "support vectors are not as many as counted")
    _check_weights(machine, n_vectors, n_classes - 1)
    check_floats(machine, "_intercept_", (n_pairs,))
    has_odds = is_classifier and bool(machine._effective_probability)
    for name in ("_probA", "_probB"):
        check_floats(machine, name, (n_pairs,) if has_odds or np.size(getattr(machine, name)) else (0,))


def _check_kernel(machine: Any) -> None:
    require(machine.kernel in KERNELS, machine, f"kernel is none of {', '.join(KERNELS)}")
    for name in ("_gamma", "coef0"):
        number = getattr(machine, name)
        require(isinstance(number, int | float) and np.isfinite(number), machine, f"{name} is no number")
    require(type(machine.degree) is int and 0 <= machine.degree < 2**31, machine, "degree is no whole number")


def _check_weights(machine: Any, n_vectors: int, n_rows: int) -> None:
    n_inputs, vectors, weights = count_inputs(machine), machine.support_vectors_, machine._dual_coef_
    if not machine._sparse:
        check_floats(machine, "support_vectors_", (n_vectors, n_inputs))
        check_floats(machine, "_dual_coef_", (n_rows, n_vectors))
        return
    are_sparse = all(type(each).__name__ in ("csr_array", "csr_matrix") for each in (vectors, weights))
    require(are_sparse and vectors.dtype == weights.dtype == np.float64, machine, "vectors are not sparse float64")
    fits = vectors.shape == (n_vectors, n_inputs) and weights.data.shape == (n_rows * n_vectors,)
    require(fits, machine, f"weights do not fit its {n_vectors} vectors of {n_inputs} columns")
