"""The exact forms of single decision trees."""

from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor, ExtraTreeClassifier, ExtraTreeRegressor

from lockstep.predict.derive.families import Derive, Derived
from lockstep.predict.derive.labels import read_labels
from lockstep.predict.derive.nodes import check_tree, gather_nodes, gather_values, takes_missing
from lockstep.predict.exact.forms import AnyEstimator
from lockstep.predict.exact.tree import TreeClassifier, TreeRegressor


def derive_tree_regressor(regressor: DecisionTreeRegressor) -> Derived[AnyEstimator]:
    """Return the form of a regression tree of one output."""
    trees = [check_tree(regressor.tree_, 1)]
    value = gather_values(trees)[:, 0]
    return Derived(TreeRegressor(**gather_nodes(trees), takes_missing=takes_missing(regressor), value=value))


def derive_tree_classifier(classifier: DecisionTreeClassifier) -> Derived[AnyEstimator]:
    """Return the form of a classification tree of one output."""
    trees = [check_tree(classifier.tree_, len(classifier.classes_))]
    form = TreeClassifier(
        **gather_nodes(trees),
        takes_missing=takes_missing(classifier),
        value=gather_values(trees),
        classes=read_labels(classifier),
    )
    return Derived(form)


ESTIMATORS: dict[type, Derive[AnyEstimator]] = {
    DecisionTreeRegressor: derive_tree_regressor,
    ExtraTreeRegressor: derive_tree_regressor,
    DecisionTreeClassifier: derive_tree_classifier,
    ExtraTreeClassifier: derive_tree_classifier,
}
