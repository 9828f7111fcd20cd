"""Seal fitted objects: the pickles, the exact form that is derived from them, and the model that answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from lockstep.bundles.bundle import EXACT_FILE, MODEL_FILE, SCALER_FILE
from lockstep.bundles.dumping import dump_objects
from lockstep.bundles.model import pick_pickles
from lockstep.bundles.pickled import load_pickled
from lockstep.bundles.proving import compare_predictions
from lockstep.bundles.trusted import Trusted
from lockstep.predict.derive.families import NoExactForm
from lockstep.predict.derive.model import derive_model
from lockstep.predict.exact.form import Inputs
from lockstep.predict.exact.forms import decode_form, encode_form
from lockstep.predict.exact.model import ExactModel
from lockstep.predict.model import Model, ModelInputs
from lockstep.predict.pickled import PickledModel
from lockstep.predict.stages import OF_BARS


@dataclass(frozen=True)
class SealedModel:
    """The files of a fitted model, what predicts, and what scikit-learn's own objects predict.

    `trusted` are the application's classes that the pickles hold, with the SHA-256 of their source. `reason` says why
    there is no exact form; empty if there is one.
    """

    files: Mapping[str, bytes]
    model: Model
    pickled: PickledModel
    trusted: Mapping[str, str]
    application: Path | None = None
    bound: float = 0.0
    reason: str = ""

    @property
    def predictor(self) -> Literal["exact", "scikit-learn"]:
        """Return what predicts, as the manifest says it."""
        return "exact" if isinstance(self.model, ExactModel) else "scikit-learn"

    @property
    def kept_stages(self) -> tuple[str, ...] | None:
        """Return the stages that an evaluation holds beside the outputs, None for all.

        Nothing is promised of what scikit-learn computes on the way, so only the stages before it are kept.
        """
        return None if isinstance(self.model, ExactModel) else OF_BARS

    @property
    def pickles(self) -> dict[str, bytes]:
        """Return the files that scikit-learn's objects are in."""
        return pick_pickles(self.files)

    def compare(self, inputs: Inputs, columns: ModelInputs) -> None:
        """Raise `EvaluationMismatch` if an exact form answers these rows otherwise than scikit-learn."""
        if isinstance(self.model, ExactModel):
            compare_predictions(self.model, self.pickled, inputs, columns, self.bound)


def seal_model(
    scaler: object | None, model: object, inputs: ModelInputs, trusted: Trusted | None = None
) -> SealedModel:
    """Return the sealed form of a fitted scaler, if there is one, and a fitted model.

    If they have no exact form, scikit-learn predicts. Raises `InvalidBundle` for objects that are not fitted or do not
    fit the inputs, and `ForbiddenPickle` for a class that could not be read back.
    """
    trusted = trusted or Trusted()
    known = trusted.objects
    dumped = {
        name: dump_objects(each, known)
        for name, each in ((SCALER_FILE, scaler), (MODEL_FILE, model))
        if each is not None
    }
    files = {name: content for name, (content, _) in dumped.items()}
    used = sorted({name for _, names in dumped.values() for name in names})
    held = ({name: trusted.digests[name] for name in used}, trusted.folder)
    pickled = load_pickled(files, inputs.names, inputs.is_table, known)
    try:
        derived = derive_model(scaler, model, inputs.names)
    except NoExactForm as error:
        return SealedModel(files, pickled, pickled, *held, reason=str(error))
    exact = encode_form(derived.form)
    compiled = ExactModel(decode_form(exact), inputs.kinds, inputs.is_table)
    return SealedModel({**files, EXACT_FILE: exact}, compiled, pickled, *held, derived.bound)
