"""Models that answer every row alike, of which equal answers are all that can be seen."""

from lockstep.bundles.bundle import Bundle
from lockstep.predict.exact.constant import ConstantClassifier, ConstantRegressor
from lockstep.predict.exact.linear import LinearClassifier, LinearRegressor
from lockstep.predict.exact.model import ExactModel
from lockstep.predict.exact.nodes import NO_NODE, TreeEstimator

DUMMY = "sklearn.dummy."


def is_constant(bundle: Bundle) -> bool:
    """Return whether a model reads nothing: a dummy, a tree of one leaf, or a sum whose weights are all 0."""
    if not isinstance(bundle.model, ExactModel):
        return bundle.manifest.estimator[-1].estimator.startswith(DUMMY)
    estimator = bundle.model.form.estimator
    if isinstance(estimator, TreeEstimator):
        return bool((estimator.left == NO_NODE).all())
    if isinstance(estimator, LinearRegressor | LinearClassifier):
        return not estimator.coefficients.any()
    return isinstance(estimator, ConstantRegressor | ConstantClassifier)
