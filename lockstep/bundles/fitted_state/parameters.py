"""Parameters that let a model read files, call methods by name or write into its own arrays."""

from functools import partial
from typing import Any

import numpy as np

from lockstep.bundles.fitted_state.shapes import require

RESPONSES = {"predict", "predict_proba", "decision_function"}
MAX_HASHED = 2**31


def check_reading(vectorizer: Any) -> None:
    """Check that a vectorizer takes texts as they are: it could take them for the names of files to open."""
    require(vectorizer.input == "content", vectorizer, "input is not the content of texts, but files")


def check_hashing(vectorizer: Any) -> None:
    """Check that texts are hashed, into columns by whose number compiled code divides."""
    check_reading(vectorizer)
    width = vectorizer.n_features
    require(type(width) is int and 0 < width < MAX_HASHED, vectorizer, "number of columns is none")


def check_function(transformer: Any) -> None:
    """Check that a function of numpy gets no keywords: `out` names an array that it would write to."""
    for function, keywords in (
        (transformer.func, transformer.kw_args),
        (transformer.inverse_func, transformer.inv_kw_args),
    ):
        is_library = isinstance(function, np.ufunc | partial) or (
            isinstance(function, type) and issubclass(function, np.generic)
        )
        require(not (is_library and keywords), transformer, "function of numpy has keywords, which is not read")


def check_stacking(stacking: Any) -> None:
    """Check what is called by its name on the stacked models."""
    called = getattr(stacking, "stack_method_", [])
    require(
        type(called) is list and RESPONSES.issuperset(called), stacking, "models are asked by other names of methods"
    )
