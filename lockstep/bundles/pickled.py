"""From the pickles of a bundle to a model that predicts, in the one order in which that is safe."""

from collections.abc import Mapping, Sequence
from typing import Any

from lockstep.bundles.fitted_state.check import check_state, walk_parts
from lockstep.bundles.unpickle import NOTHING, unpickle
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


def load_pickled(
    pickles: Mapping[str, bytes], columns: Sequence[str], is_table: bool, trusted: Mapping[str, object] = NOTHING
) -> PickledModel:
    """Return the model of `pickles`: model.pkl, and scaler.pkl if there is one; see `load_fitted`."""
    fitted = {name: load_fitted(content, name, trusted) for name, content in pickles.items()}
    return PickledModel(fitted.get("scaler.pkl"), fitted["model.pkl"], columns, is_table)
