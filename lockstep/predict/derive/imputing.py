"""The exact form of a SimpleImputer."""

import numbers

import numpy as np
from sklearn.impute import SimpleImputer

from lockstep.predict.derive.families import Derive, Derived, NoExactForm
from lockstep.predict.exact.composition import AnyStep
from lockstep.predict.exact.imputing import Imputer


def derive_imputer(imputer: SimpleImputer) -> Derived[AnyStep]:
    """Return the form of an imputer of NaN, or of None in columns of text."""
    is_text = imputer._fit_dtype.kind == "O"
    if not (is_nan(imputer.missing_values) or (is_text and imputer.missing_values is None)):
        raise NoExactForm(f"SimpleImputer of missing_values={imputer.missing_values!r:.40}, which is no missing cell")
    statistics = np.asarray(imputer.statistics_)
    is_dropped = [is_nan(value) and not imputer.keep_empty_features for value in statistics]
    cells = zip(statistics, is_dropped, strict=True)
    values = [None if dropped else _value(imputer._fill_dtype, value) for value, dropped in cells]
    indicated = imputer.indicator_.features_ if imputer.add_indicator else []
    return Derived(Imputer(values, np.array(indicated, np.int64)))


def is_nan(value: object) -> bool:
    """Return whether the value is a NaN."""
    return isinstance(value, numbers.Real) and bool(np.isnan(float(value)))


def _value(fitted_on: np.dtype[np.generic], cell: object) -> float | str:
    if fitted_on.kind != "O":
        cell = np.asarray(cell).astype(fitted_on).item()  # the imputer fills with numbers of the type it was fitted on
    if isinstance(cell, str):
        return str(cell)
    if is_nan(cell) or not isinstance(cell, numbers.Real):
        raise NoExactForm(f"SimpleImputer that fills a column with {cell!r:.40}")
    return float(cell)


STEPS: dict[type, Derive[AnyStep]] = {SimpleImputer: derive_imputer}
