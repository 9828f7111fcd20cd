"""A compiled exact form: the model that evaluation and service both run."""

import numpy as np

from lockstep.predict.exact.composition import compile_steps
from lockstep.predict.exact.form import Inputs, Kinds, require_numbers
from lockstep.predict.exact.forms import ExactForm
from lockstep.predict.exact.target import compile_target
from lockstep.predict.stages import ENCODED, PREDICTION, SCALED, Stages


class ExactModel:
    """A model that predicts from arrays alone; a table's also has the stage `encoded`."""

    def __init__(self, form: ExactForm, kinds: Kinds, is_table: bool) -> None:
        """Compile the form for inputs of these kinds; raise `InvalidBundle` if its arrays do not fit."""
        self.form = form
        kinds, self._scaler = compile_steps([] if form.scaler is None else [form.scaler], kinds)
        kinds, self._steps = compile_steps(form.steps, kinds)
        self._estimate = form.estimator.compile(require_numbers(kinds, "the estimator"))
        self._invert = compile_target(form.target) if form.target else None
        self._is_table = is_table

    def predict(self, inputs: Inputs) -> Stages:
        """Return the stages of inputs, each row for itself; the last is the prediction.

        Raises `UnknownCategory` for a category that an encoder refuses.
        """
        if isinstance(inputs, np.ndarray):
            inputs = np.asfortranarray(inputs)  # whole columns are calculated with
        if not self._scaler:
            return self.estimate(inputs)
        scaled = self.scale(inputs)
        return {SCALED: scaled, **self.estimate(scaled)}  # type: ignore[dict-item]  # a scaler's outputs are numbers

    def scale(self, inputs: Inputs) -> Inputs:
        """Return the inputs after the scaler of a series."""
        for scale in self._scaler:
            inputs = scale(inputs)
        return inputs

    def encode(self, scaled: Inputs) -> Inputs:
        """Return what the estimator reads."""
        for step in self._steps:
            scaled = step(scaled)
        return scaled

    def estimate(self, scaled: Inputs) -> Stages:
        """Return the stages after the scaler."""
        encoded = self.encode(scaled)
        stages = self._estimate(encoded)  # type: ignore[arg-type]  # checked to be numbers
        if self._invert is not None:
            stages[PREDICTION] = self._invert(stages[PREDICTION])
        return {ENCODED: encoded, **stages} if self._is_table else stages  # type: ignore[dict-item]  # the same
