"""What a manifest states of a model, compared with its sealed exact form; scikit-learn is not needed for it."""

from lockstep.bundles.bundle import SCALER_FILE
from lockstep.bundles.comparing import require_classes, require_same
from lockstep.bundles.manifest import Manifest
from lockstep.predict.exact.boosting import BoostingClassifier, BoostingRegressor
from lockstep.predict.exact.constant import ConstantClassifier, ConstantRegressor
from lockstep.predict.exact.forest import ForestClassifier, ForestRegressor
from lockstep.predict.exact.form import Estimator, Labels
from lockstep.predict.exact.forms import ExactForm
from lockstep.predict.exact.linear import LinearClassifier, LinearRegressor
from lockstep.predict.exact.tree import TreeClassifier, TreeRegressor
from lockstep.predict.guarantees import BITS
from lockstep.predict.stages import PREDICTION, PROBA

CLASSES: dict[type[Estimator], str] = {
    TreeRegressor: "DecisionTreeRegressor ExtraTreeRegressor",
    TreeClassifier: "DecisionTreeClassifier ExtraTreeClassifier",
    ForestRegressor: "RandomForestRegressor ExtraTreesRegressor",
    ForestClassifier: "RandomForestClassifier ExtraTreesClassifier",
    BoostingRegressor: "GradientBoostingRegressor HistGradientBoostingRegressor",
    BoostingClassifier: "GradientBoostingClassifier HistGradientBoostingClassifier",
    LinearRegressor: (
        "LinearRegression Ridge RidgeCV BayesianRidge Lasso LassoCV ElasticNet ElasticNetCV LassoLars HuberRegressor "
        "SGDRegressor LinearSVR"
    ),
    LinearClassifier: "LogisticRegression LogisticRegressionCV SGDClassifier RidgeClassifier Perceptron LinearSVC",
    ConstantRegressor: "DummyRegressor",
    ConstantClassifier: "DummyClassifier",
}
"""The classes of scikit-learn that an exact form can be of."""

WRAPPERS = ("TransformedTargetRegressor",)
"""What the manifest names in the place of the estimator inside."""


def check_form(manifest: Manifest, form: ExactForm) -> None:
    """Raise `EvaluationMismatch` if a manifest states another estimator, other classes or weaker guarantees."""
    estimator = form.estimator
    stated = manifest.estimator[-1].estimator.rpartition(".")[2] if manifest.estimator else "none"
    known = CLASSES[type(estimator)].split()
    if stated not in (*known, *WRAPPERS):
        require_same(manifest.name, "estimator", stated, f"one of {', '.join(known)}, by the exact form")
    classes: Labels = getattr(estimator, "classes", [])
    require_classes(manifest.name, manifest.classes, classes)
    require_same(manifest.name, "scaler.pkl", SCALER_FILE in manifest.files, form.scaler is not None)
    promised = {output: BITS for output in (PROBA, PREDICTION) if output in manifest.stages}
    require_same(manifest.name, "guarantees", manifest.guarantees, promised)
