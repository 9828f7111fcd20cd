"""Check the fitted state of a model and of everything in it, the innermost parts first."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from lockstep.bundles.fitted_state.encoders import check_encoder, check_one_hot, check_sparse, check_vocabulary
from lockstep.bundles.fitted_state.histograms import check_histogram_boosting
from lockstep.bundles.fitted_state.neighbors import check_neighbors
from lockstep.bundles.fitted_state.parameters import check_function, check_hashing, check_reading, check_stacking
from lockstep.bundles.fitted_state.shapes import require
from lockstep.bundles.fitted_state.trees import check_forest, check_gradient_boosting, check_tree
from lockstep.bundles.fitted_state.vectors import check_vectors
from lockstep.bundles.pickles.contents import list_parts
from lockstep.errors import InvalidBundle

Check = Callable[[Any], None]

TREES = ("DecisionTreeClassifier", "DecisionTreeRegressor", "ExtraTreeClassifier", "ExtraTreeRegressor")
FORESTS = ("RandomForestClassifier", "RandomForestRegressor", "ExtraTreesClassifier", "ExtraTreesRegressor")
CHECKS: dict[str, Check] = {
    **dict.fromkeys(TREES, check_tree),
    **dict.fromkeys(FORESTS, check_forest),
    **dict.fromkeys(("GradientBoostingClassifier", "GradientBoostingRegressor"), check_gradient_boosting),
    **dict.fromkeys(("HistGradientBoostingClassifier", "HistGradientBoostingRegressor"), check_histogram_boosting),
    **dict.fromkeys(("NuSVC", "NuSVR", "SVC", "SVR"), check_vectors),
    **dict.fromkeys(("KNeighborsClassifier", "KNeighborsRegressor"), check_neighbors),
    "OrdinalEncoder": check_encoder,
    "OneHotEncoder": check_one_hot,
    **dict.fromkeys(("CountVectorizer", "TfidfVectorizer"), check_vocabulary),
    **dict.fromkeys(("csr_array", "csr_matrix"), check_sparse),
}
"""What reads indices or sizes without a look. The others compute with numpy, which refuses what does not fit."""

TEMPLATE_CHECKS: dict[str, Check] = {
    **dict.fromkeys(("CountVectorizer", "TfidfVectorizer"), check_reading),
    "FunctionTransformer": check_function,
    "HashingVectorizer": check_hashing,
    **dict.fromkeys(("StackingClassifier", "StackingRegressor"), check_stacking),
}
"""What parameters can do harm by, fitted or not."""

BESIDE_PARAMETERS = {
    "C", "alpha", "class_weight", "epsilon", "estimator", "estimator_params", "nu", "probability", "radius",
    "random_state", "_sklearn_output_config",
}  # fmt: skip
"""What an estimator that is not fitted may hold beside its parameters."""

OF_LIBRARIES = ("sklearn.", "scipy.")


def check_state(fitted: object, trusted: Mapping[str, object]) -> None:
    """Raise `InvalidBundle` for a state that no fit leaves behind and that compiled code would follow anywhere.

    `fitted` has been unpickled: it holds no cycle. Search trees of neighbours are built again.
    """
    own = tuple(trusted.values())
    for part in walk_parts(fitted, trusted):
        kind = type(part)
        check = _find_check(CHECKS, kind)
        try:
            if check is not check_tree:
                _refuse_bare_trees(part, own)
            if check_template := _find_check(TEMPLATE_CHECKS, kind):
                check_template(part)
            if check and not _is_template(part):
                check(part)
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:  # what is not there or no array
            raise InvalidBundle(f"the {kind.__name__} is not a fitted one: {error}") from error


def _refuse_bare_trees(part: object, own: tuple[object, ...]) -> None:
    """Raise `InvalidBundle` for a Tree outside of a decision tree: it can predict, and checks no row's width."""
    holds = any(type(held).__name__ == "Tree" for held in list_parts(part, own))
    require(not holds, part, "parts are nodes without their decision tree")


def _find_check(checks: Mapping[str, Check], kind: type) -> Check | None:
    """Return the check of a class, or of the one that a trusted class is derived from."""
    known = (checks.get(each.__name__) for each in kind.__mro__ if each.__module__.startswith(OF_LIBRARIES))
    return next(filter(None, known), None)


def _is_template(part: Any) -> bool:
    """Return whether an estimator holds its parameters alone, as the one does that an ensemble made copies of."""
    return hasattr(part, "get_params") and set(vars(part)) <= {*part.get_params(deep=False), *BESIDE_PARAMETERS}


def walk_parts(fitted: object, trusted: Mapping[str, object]) -> Iterator[object]:
    """Yield every object that an unpickled one holds, once, each after what it holds itself."""
    own, done, stack = (
        tuple(trusted.values()),
        {id(fitted)},
        [(fitted, iter(list_parts(fitted, tuple(trusted.values()))))],
    )
    while stack:
        holder, parts = stack[-1]
        for part in parts:
            if id(part) not in done:
                done.add(id(part))
                stack.append((part, iter(list_parts(part, own))))
                break
        else:
            stack.pop()
            yield holder
