"""A compiled exact form: the model that evaluation and service both run."""

from lockstep.predict.exact.composition import compile_steps
from lockstep.predict.exact.form import Inputs, Kinds, require_numbers
from lockstep.predict.exact.forms import ExactForm
from lockstep.predict.exact.target import compile_target
from lockstep.predict.stages import ENCODED, PREDICTION, SCALED, Stages


class ExactModel:
    """A model that predicts from arrays alone."""

    def __init__(self, form: ExactForm, kinds: Kinds, is_table: bool) -> None:
        """Compile the form for inputs of these kinds; raise `InvalidBundle` if its arrays do not fit."""
        scaler = [] if form.scaler is None else [form.scaler]
        kinds, self._scale = compile_steps(scaler, kinds)
        kinds, self._steps = compile_steps(form.steps, kinds)
        self._estimate = form.estimator.compile(require_numbers(kinds, "the estimator"))
        self._invert = compile_target(form.target) if form.target else None
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
        stages |= self._estimate(inputs)  # type: ignore[arg-type]  # the same
        if self._invert is not None:
            stages[PREDICTION] = self._invert(stages[PREDICTION])
        return stages
