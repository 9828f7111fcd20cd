"""The classes of a fitted classifier."""

from typing import Any

import numpy as np

from lockstep.predict.derive.families import NoExactForm
from lockstep.predict.exact.form import Labels

LABEL_TYPES = (str, int, float, bool)


def read_labels(classifier: Any) -> Labels:
    """Return the classes of a fitted classifier in their order; raise `NoExactForm` for several outputs."""
    classes = classifier.classes_
    name = type(classifier).__qualname__
    if not isinstance(classes, np.ndarray) or classes.ndim != 1:
        raise NoExactForm(f"{name} of several outputs")
    labels: Labels = classes.tolist()
    if any(type(label) not in LABEL_TYPES for label in labels):
        raise NoExactForm(f"{name} whose labels are not all text, integers, numbers or booleans")
    return labels
