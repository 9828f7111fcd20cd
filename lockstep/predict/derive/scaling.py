"""The exact forms of scalers."""

import numpy as np
from sklearn.preprocessing import StandardScaler

from lockstep.predict.derive.families import Derive, Derived, NoExactForm
from lockstep.predict.exact.forms import AnyStep
from lockstep.predict.exact.scaling import Standard


def derive_standard(scaler: StandardScaler) -> Derived[AnyStep]:
    """Return the form of a StandardScaler with mean and deviation."""
    if not (scaler.with_mean and scaler.with_std):
        raise NoExactForm("StandardScaler without mean or deviation")
    return Derived(Standard(np.asarray(scaler.mean_, np.float64), np.asarray(scaler.scale_, np.float64)))


STEPS: dict[type, Derive[AnyStep]] = {StandardScaler: derive_standard}
