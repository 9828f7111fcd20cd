"""A model that scikit-learn's own objects predict: what has no exact form, or whose pickles are asked for."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lockstep.distribution import write_install
from lockstep.errors import InvalidBundle
from lockstep.predict.exact.form import Inputs
from lockstep.predict.single_thread import SingleThread
from lockstep.predict.stages import ENCODED, LEAF, LEAVES, PREDICTION, PROBA, SCALED, Stages

NAMES = "feature_names_in_"


class PickledModel:
    """A fitted scaler, if there is one, and a fitted Pipeline or estimator of scikit-learn.

    The objects were unpickled and their state was checked; see `lockstep.bundles.pickled`. `columns` are the names of
    the inputs, in order. Every prediction runs on one thread.
    """

    def __init__(
        self,
        scaler: Any | None,
        model: Any,
        columns: Sequence[str],
        is_table: bool,
        *,
        missing_text: float | None,
    ) -> None:
        """Take the objects apart; raise `InvalidBundle` for a model that reads columns of other names.

        `missing_text` is what the model was fitted on where a text is missing: None or NaN.
        """
        *before, self._estimator = (step for _, step in model.steps) if hasattr(model, "steps") else (model,)
        self._scaler, self._is_table, self._columns = scaler, is_table, tuple(columns)
        self._steps = [step for step in before if step not in (None, "passthrough")]
        first = next(step for step in (scaler, *self._steps, self._estimator) if step is not None)
        self._is_named = hasattr(first, NAMES)
        self._reads_texts = hasattr(first, "build_analyzer")
        if self._is_named and (fitted := tuple(getattr(first, NAMES))) != self._columns:
            raise InvalidBundle(f"the model reads the columns {', '.join(fitted)}, not {', '.join(self._columns)}")
        self._missing_text = missing_text
        self._one_thread = SingleThread()

    def predict(self, inputs: Inputs) -> Stages:
        """Return the stages of inputs: those of the exact form that scikit-learn can tell, last the prediction.

        `scaled` of a series; `encoded` of a table if it is dense; `leaf` or `leaves` of trees; `proba`; `prediction`.
        """
        with self._one_thread.limit():
            return self._predict(self._arrange(inputs))

    def _predict(self, rows: Any) -> Stages:
        stages: Stages = {}
        if self._scaler is not None:
            stages[SCALED] = rows = self._scaler.transform(rows)
        for step in self._steps:
            rows = step.transform(rows)
        if self._is_table and isinstance(rows, np.ndarray) and rows.ndim == 2 and rows.dtype.kind in "biuf":
            stages[ENCODED] = rows.astype(np.float64)
        stages |= self._find_leaves(rows)
        if hasattr(self._estimator, "predict_proba"):
            stages[PROBA] = _as_plain(self._estimator.predict_proba(rows))
        stages[PREDICTION] = prediction = _as_plain(self._estimator.predict(rows))
        if prediction.ndim != 1:
            raise InvalidBundle(f"the model answers {prediction.shape[1:]} values a row; one can be served")
        return stages

    def _find_leaves(self, rows: Any) -> Stages:
        if not hasattr(self._estimator, "apply"):
            return {}
        leaves = self._estimator.apply(rows)
        if leaves.ndim == 1:
            return {LEAF: leaves.astype(np.int64)}
        return {LEAVES: leaves.reshape(len(leaves), -1).astype(np.int64)}

    def _arrange(self, inputs: Inputs) -> Any:
        """Return the inputs as the model was fitted on them: a frame, one list of texts, or one array."""
        if isinstance(inputs, np.ndarray):
            inputs = np.ascontiguousarray(inputs)  # another layout may give a BLAS library's sums other last bits
        if isinstance(inputs, tuple) and self._missing_text is not None:
            inputs = tuple(_fill_gaps(column, self._missing_text) for column in inputs)
        if self._is_named:
            return _make_frame(inputs, self._columns)
        if isinstance(inputs, np.ndarray):
            return inputs
        if self._reads_texts and len(inputs) == 1:
            return inputs[0]
        rows = np.empty((len(inputs[0]), len(inputs)), object)
        for place, column in enumerate(inputs):
            rows[:, place] = column
        return rows


def _fill_gaps(column: NDArray[Any], missing: float) -> NDArray[Any]:
    if column.dtype.kind != "O":
        return column
    return np.array([missing if cell is None else cell for cell in column], object)


def _make_frame(inputs: Inputs, columns: Sequence[str]) -> Any:
    try:
        import pandas as pd  # only a model that was fitted on a frame needs it
    except ModuleNotFoundError as error:
        raise InvalidBundle(
            f"the model was fitted on a pandas frame and needs pandas; run: {write_install('pandas')}"
        ) from error
    held = inputs.T if isinstance(inputs, np.ndarray) else inputs
    return pd.DataFrame(dict(zip(columns, held, strict=True)))


def _as_plain(values: Any) -> NDArray[Any]:
    """Return numbers as float64 or int64, and labels as text or booleans, whatever the model holds them as."""
    array = np.asarray(values)
    if array.dtype.kind in "iuf":
        return array.astype(np.float64 if array.dtype.kind == "f" else np.int64)
    return np.array(array.tolist()) if array.dtype.kind == "O" else array
