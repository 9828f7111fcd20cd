"""From the pickles of a bundle to a model that predicts, in the one order in which that is safe."""

from collections.abc import Mapping, Sequence
from typing import Any

from lockstep.bundles.bundle import MODEL_FILE, SCALER_FILE
from lockstep.bundles.fitted_state.check import check_state, walk_parts
from lockstep.bundles.unpickle import NOTHING, unpickle
from lockstep.predict.derive.gaps import missing_text
from lockstep.predict.pickled import PickledModel


def load_fitted(content: bytes, name: str, trusted: Mapping[str, object] = NOTHING) -> Any:
    """Return the fitted object in `content`, fit to predict.

    First the allow-list bounds what is called and made, then the fitted state is checked; only then may compiled code
    run on it. No part of it starts threads or processes. Raises a `BundleError`.
    """
    fitted = unpickle(content, name, trusted)
    check_state(fitted, trusted)
    for part in walk_parts(fitted, trusted):
        if getattr(part, "n_jobs", None) is not None:
            part.n_jobs = None  # type: ignore[attr-defined]  # it has one, see above
    return fitted


def load_parts(pickles: Mapping[str, bytes], trusted: Mapping[str, object] = NOTHING) -> tuple[Any | None, Any]:
    """Return the scaler in scaler.pkl, None if there is none, and the model in model.pkl; see `load_fitted`."""
    fitted = {name: load_fitted(content, name, trusted) for name, content in pickles.items()}
    return fitted.get(SCALER_FILE), fitted[MODEL_FILE]


def load_pickled(
    pickles: Mapping[str, bytes], columns: Sequence[str], is_table: bool, trusted: Mapping[str, object] = NOTHING
) -> PickledModel:
    """Return the model of `pickles`, which predicts; see `load_parts`."""
    return make_pickled(*load_parts(pickles, trusted), columns, is_table)


def make_pickled(scaler: Any | None, model: Any, columns: Sequence[str], is_table: bool) -> PickledModel:
    """Return a model whose parts were loaded, for inputs of these columns."""
    return PickledModel(scaler, model, columns, is_table, missing_text=missing_text(model))
