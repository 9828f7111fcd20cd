import numpy as np
import pytest
from sklearn.base import BaseEstimator
from sklearn.ensemble import BaggingRegressor, RandomForestClassifier, RandomForestRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.tree import DecisionTreeRegressor

from lockstep.errors import TrainingError
from lockstep.training.estimators import (
    CLASSIFIER,
    CLASSIFIERS,
    ESTIMATORS,
    REGRESSOR,
    SCALERS,
    SEED,
    Kind,
    check_kind,
    fit_estimator,
    make_repeatable,
    parse_estimator,
    parse_scaler,
)

RNG = np.random.default_rng(1)
FEATURES = RNG.normal(size=(60, 3))
TARGETS = FEATURES[:, 0] + RNG.normal(size=60)


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, names in ESTIMATORS.items() for name in names])
def test_a_short_name_makes_an_unfitted_estimator_of_its_kind(kind: Kind, name: str) -> None:
    made = parse_estimator(name, kind)
    assert type(made) is ESTIMATORS[kind][name]
    assert made.get_params() == ESTIMATORS[kind][name]().get_params()


def test_parameters_are_read_as_literals() -> None:
    spec = (
        "sklearn.ensemble:RandomForestRegressor(n_estimators=50, min_samples_leaf=0.5, max_depth=None, bootstrap=False)"
    )
    made = parse_estimator(spec)
    assert type(made) is RandomForestRegressor
    assert (made.n_estimators, made.min_samples_leaf, made.max_depth, made.bootstrap) == (50, 0.5, None, False)
    scaler = parse_scaler("minmax(feature_range=(-1, 1))")
    assert isinstance(scaler, MinMaxScaler)
    assert scaler.feature_range == (-1, 1)
    assert parse_estimator("forest(n_estimators=7)", CLASSIFIER).n_estimators == 7


@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        ("", "names no estimator; expected NAME"),
        ("forest!", "names no estimator"),
        ("woods", "no estimator is called 'woods'; expected tree, forest"),
        ("logistic", "LogisticRegression is no regressor; the target is made of numbers"),
        ("forest(n_trees=5)", "RandomForestRegressor has no parameter n_trees; it has n_estimators, criterion"),
        ("forest(5)", "is not one call with named parameters"),
        ("forest()(n_estimators=5)", "is not one call with named parameters"),
        ("forest() + tree()", "is not one call"),
        ("forest(n_estimators=2**9)", r"n_estimators is 2\*\*9, which is not a literal"),
        ("forest(n_estimators=" + "1+" * 900 + "x)", "n_estimators is 1.1.1.1.*, which is not a literal"),
        ("forest(n_estimators=open('x'))", r"n_estimators is open\('x'\), which is not a literal"),
        ("forest(**{'n_estimators': 5})", "name each parameter"),
        ("forest(n_estimators=5", "names no estimator"),
        ("forest(n_estimators=)", "cannot be read"),
        ("forest(n_estimators=5, n_estimators=6)", "names a parameter twice"),
        ("os:system(command='true')", "os:system is not of scikit-learn"),
        ("sklearnex.ensemble:RandomForestRegressor", "is not of scikit-learn"),
        ("sklearn.ensemble:Wood", "scikit-learn has no sklearn.ensemble:Wood"),
        ("sklearn.woods:Forest", "scikit-learn has no sklearn.woods:Forest"),
        ("sklearn.pipeline:make_pipeline", "is no estimator of scikit-learn"),
        ("sklearn.pipeline:np", "is no estimator|has no"),
        (
            "sklearn.ensemble:RandomForestClassifier",
            "RandomForestClassifier is no regressor; the target is made of num",
        ),
        ("sklearn.preprocessing:StandardScaler", "StandardScaler is no regressor"),
        ("sklearn.ensemble:VotingRegressor", "VotingRegressor cannot be made: .*'estimators'"),
        (
            "sklearn.multioutput:MultiOutputRegressor(estimator=1)",
            "needs an estimator inside, which a text cannot hold",
        ),
        ("sklearn.model_selection:GridSearchCV(estimator='x', param_grid=1)", "needs an estimator inside"),
    ],
)
def test_what_is_wrong_with_a_spec_is_said(spec: str, reason: str) -> None:
    with pytest.raises(TrainingError, match=reason):
        parse_estimator(spec)


def test_a_regressor_for_labels_is_refused() -> None:
    with pytest.raises(TrainingError, match="RandomForestRegressor is no classifier; the target is made of labels"):
        parse_estimator("sklearn.ensemble:RandomForestRegressor", CLASSIFIER)
    check_kind(make_pipeline(StandardScaler(), CLASSIFIERS["forest"]()), CLASSIFIER)
    with pytest.raises(TrainingError, match="Pipeline is no regressor"):
        check_kind(make_pipeline(StandardScaler(), CLASSIFIERS["forest"]()), REGRESSOR)


def test_a_scaler_is_a_name_a_class_or_none() -> None:
    assert {name: type(parse_scaler(name)) for name in SCALERS} == SCALERS
    assert parse_scaler("none") is None
    assert isinstance(parse_scaler("sklearn.preprocessing:MinMaxScaler(clip=True)"), MinMaxScaler)
    with pytest.raises(TrainingError, match="Ridge does not transform; expected standard, "):
        parse_scaler("sklearn.linear_model:Ridge")
    with pytest.raises(TrainingError, match=r"no scaler is called 'zscore'; expected standard, .*, none, or NAME"):
        parse_scaler("zscore")


def test_a_name_that_is_nearly_right_is_refused_with_the_right_one() -> None:
    classes = [(kind, made.__name__, name) for kind, names in ESTIMATORS.items() for name, made in names.items()]
    for kind, asked, meant in [
        *classes,
        (REGRESSOR, "forrest", "forest"),
        (REGRESSOR, "RandomForestClassifier", "forest"),
    ]:
        with pytest.raises(TrainingError, match=f"is called '{asked}'; expected .*; did you mean '{meant}'"):
            parse_estimator(asked, kind)
    for name, made in SCALERS.items():
        with pytest.raises(TrainingError, match=f"no scaler is called .*; did you mean '{name}'"):
            parse_scaler(f"{made.__name__}()")


@pytest.mark.parametrize("name", ["tree", "forest", "extra-trees", "boosting", "sgd", "linear-svm"])
def test_an_open_random_state_is_set_so_that_two_fits_are_equal(name: str) -> None:
    first, second = (make_repeatable(parse_estimator(name)) for _ in range(2))
    assert first[1] == second[1] == [f"random_state={SEED}"]
    fitted = [fit_estimator(made.set_params(**_small(made)), FEATURES, TARGETS) for made, _ in (first, second)]
    assert fitted[0].predict(FEATURES).tobytes() == fitted[1].predict(FEATURES).tobytes()


def _small(made: BaseEstimator) -> dict[str, int]:
    return {"n_estimators": 5} if "n_estimators" in made.get_params() else {}


def test_what_is_set_inside_a_pipeline_is_named_and_the_original_is_left_alone() -> None:
    forest = RandomForestClassifier(n_jobs=2)
    made, notes = make_repeatable(make_pipeline(StandardScaler(), forest))
    assert notes == ["randomforestclassifier__n_jobs=None", f"randomforestclassifier__random_state={SEED}"]
    assert (made[-1].n_jobs, made[-1].random_state) == (None, SEED)
    assert (forest.n_jobs, forest.random_state) == (2, None)
    assert make_repeatable(parse_estimator("forest(random_state=9)"))[1] == []


def test_a_random_state_that_is_no_number_is_refused() -> None:
    with pytest.raises(TrainingError, match="estimator__random_state is a RandomState; expected a whole number"):
        make_repeatable(BaggingRegressor(DecisionTreeRegressor(random_state=np.random.RandomState(1))))


def test_a_value_that_scikit_learn_refuses_is_told_in_its_words() -> None:
    with pytest.raises(
        TrainingError, match=r"RandomForestRegressor cannot be fitted: The 'n_estimators' parameter .* must"
    ):
        fit_estimator(parse_estimator("forest(n_estimators=-5)"), FEATURES, TARGETS)


def test_a_class_that_no_bundle_may_hold_is_refused_before_it_is_fitted() -> None:
    with pytest.raises(TrainingError, match=r"GaussianProcessRegressor is not among the classes .*docs/estimators\.md"):
        parse_estimator("sklearn.gaussian_process:GaussianProcessRegressor")
