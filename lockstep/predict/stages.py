"""The names of the stages of a prediction, which parity compares one by one."""

from typing import Any

from numpy.typing import NDArray

FEATURES, SCALED, ENCODED = "features", "scaled", "encoded"
SCALE, HALF_WIDTH = "scale", "half_width"
LEAF, LEAVES, DECISION, PROBA = "leaf", "leaves", "decision", "proba"
PREDICTION = "prediction"
OF_BARS = (FEATURES, SCALE, HALF_WIDTH)
"""The stages that follow from bars, before any model."""

Stages = dict[str, NDArray[Any]]
"""Arrays by name, one row for each answered row; each follows from the one before, and the last is the prediction.

`features` (n, n_features) are what a series' feature set builds, `scale` (n,) and `half_width` (n, n_levels) what its
intervals are made of, `scaled` the features after the scaler; `encoded` (n, k) is what the estimator of a table reads;
`leaf` (n,) and `leaves` (n, n_trees) are node numbers; `decision` (n,) or (n, k) the raw value of a linear or boosted
model; `proba` (n, n_classes) in the order of the classes; `prediction` (n,) numbers or labels.
"""
