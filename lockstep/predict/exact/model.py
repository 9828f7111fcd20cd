"""A compiled exact form: the model that evaluation and service both run."""

from lockstep.predict.exact.form import Inputs, Kinds
from lockstep.predict.exact.forms import ExactForm, compile_steps
from lockstep.predict.stages import ENCODED, SCALED, Stages


class ExactModel:
    """A model that predicts from arrays alone."""

    def __init__(self, form: ExactForm, kinds: Kinds, is_table: bool) -> None:
        """Compile the form for inputs of these kinds; raise `InvalidBundle` if its arrays do not fit."""
        scaler = [] if form.scaler is None else [form.scaler]
        kinds, self._scale = compile_steps(scaler, kinds)
        kinds, self._steps = compile_steps(form.steps, kinds)
        self._estimate = form.estimator.compile(len(kinds))
        self._is_table = is_table

    def predict(self, inputs: Inputs) -> Stages:
        """Return the stages of inputs, each row for itself; the last is the prediction."""
        stages: Stages = {}
        for scale in self._scale:
            inputs = scale(inputs)
            stages[SCALED] = inputs  # type: ignore[assignment]  # a scaler's outputs are numbers
        for step in self._steps:
            inputs = step(inputs)
        if self._is_table:
            stages[ENCODED] = inputs  # type: ignore[assignment]  # checked to be numbers
        return stages | self._estimate(inputs)  # type: ignore[arg-type]  # the same
