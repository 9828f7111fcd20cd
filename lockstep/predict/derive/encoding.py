"""The exact forms of encoders."""

import numbers
from typing import Any

import numpy as np
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder

from lockstep.errors import InvalidBundle
from lockstep.predict.derive.families import Derive, Derived, NoExactForm
from lockstep.predict.derive.imputing import is_nan
from lockstep.predict.exact.composition import AnyStep
from lockstep.predict.exact.encoding import NOWHERE, OneHot, Ordinal
from lockstep.predict.exact.lookup import Lookup

EXACT_DTYPES = (np.float64, np.int64, np.int32)


def derive_one_hot(encoder: OneHotEncoder) -> Derived[AnyStep]:
    """Return the form of a OneHotEncoder; its output is dense, with the values of a sparse one."""
    _check_dtype(encoder)
    offset, lookups = 0, []
    for column, categories in enumerate(encoder.categories_):
        groups = _groups(encoder, column)
        dropped = None if encoder._drop_idx_after_grouping is None else encoder._drop_idx_after_grouping[column]
        codes = _place_groups(groups, dropped, offset)
        lookups.append(_lookup(categories, codes.tolist(), _unknown_code(encoder, column, codes)))
        offset += int(encoder._n_features_outs[column])
    return Derived(OneHot(lookups, offset))


def derive_ordinal(encoder: OrdinalEncoder) -> Derived[AnyStep]:
    """Return the form of an OrdinalEncoder."""
    _check_dtype(encoder)
    unknown = float(encoder.unknown_value) if encoder.handle_unknown == "use_encoded_value" else None
    lookups = []
    for column, categories in enumerate(encoder.categories_):
        codes = _groups(encoder, column).astype(np.float64)
        if column in encoder._missing_indices:
            if encoder._missing_indices[column] != len(categories) - 1 or not is_nan(categories[-1]):
                raise InvalidBundle("OrdinalEncoder takes another category than its last for the missing one")
            # the mapping of infrequent categories leaves the missing one out
            codes = np.append(codes[: len(categories) - 1], encoder.encoded_missing_value)
        lookups.append(_lookup(categories, codes.tolist(), unknown))
    return Derived(Ordinal(lookups))


def _check_dtype(encoder: Any) -> None:
    if np.dtype(encoder.dtype) not in EXACT_DTYPES:
        raise NoExactForm(f"{type(encoder).__name__} that encodes as {np.dtype(encoder.dtype)}, not float64")


def _groups(encoder: Any, column: int) -> np.ndarray:
    """Return the number of each category (n,), in which infrequent ones share the last."""
    mapping = encoder._default_to_infrequent_mappings[column] if encoder._infrequent_enabled else None
    return np.arange(len(encoder.categories_[column])) if mapping is None else np.asarray(mapping, np.int64)


def _place_groups(groups: np.ndarray, dropped: int | None, offset: int) -> np.ndarray:
    if dropped is None:
        return groups + float(offset)
    return np.where(groups == dropped, NOWHERE, groups - (groups > dropped) + float(offset))


def _unknown_code(encoder: OneHotEncoder, column: int, codes: np.ndarray) -> float | None:
    if encoder.handle_unknown == "error":
        return None
    infrequent = encoder._infrequent_indices[column] if encoder._infrequent_enabled else None
    if encoder.handle_unknown == "ignore" or infrequent is None:
        return NOWHERE
    return float(codes[infrequent[0]])


def _lookup(categories: np.ndarray, codes: list[float], unknown: float | None) -> Lookup:
    """Return the table of one column; a category that is None or NaN is the missing one."""
    cells = [(_category(category), code) for category, code in zip(categories.tolist(), codes, strict=True)]
    missing = [code for category, code in cells if category is None]
    if len(missing) > 1:
        raise NoExactForm("an encoder that tells None from NaN")
    known = [(category, code) for category, code in cells if category is not None]
    if len({type(category) for category, _ in known}) > 1:
        raise NoExactForm("an encoder of text and numbers in one column")
    codes_of_known = np.array([code for _, code in known], np.float64)
    return Lookup([category for category, _ in known], codes_of_known, missing[0] if missing else None, unknown)


def _category(category: object) -> str | float | None:
    if category is None or is_nan(category):
        return None
    if isinstance(category, str):
        return str(category)
    if isinstance(category, numbers.Real) and float(category) == category:
        return float(category)
    raise NoExactForm(f"an encoder of the category {category!r:.40}, neither text nor a float64 number")


STEPS: dict[type, Derive[AnyStep]] = {OneHotEncoder: derive_one_hot, OrdinalEncoder: derive_ordinal}
