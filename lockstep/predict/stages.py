"""The names of the stages of a prediction, which parity compares one by one."""

from typing import Any

from numpy.typing import NDArray

FEATURES, SCALED, ENCODED = "features", "scaled", "encoded"
LEAF, LEAVES, DECISION, PROBA = "leaf", "leaves", "decision", "proba"
PREDICTION = "prediction"

Stages = dict[str, NDArray[Any]]
"""Arrays by name, one row for each answered row; each follows from the one before, and the last is the prediction.

`features` (n, n_features) are what a series' feature set builds, `scaled` the same after the scaler; `encoded` (n, k)
is what the estimator of a table reads; `leaf` (n,) and `leaves` (n, n_trees) are node numbers; `decision` (n,) or
(n, k) the raw value of a linear or boosted model; `proba` (n, n_classes) in the order of the classes; `prediction`
(n,) numbers or labels.
"""
