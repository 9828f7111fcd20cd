"""One small fitted model of each family that a pickle may hold."""

import pickle
from typing import Any

import numpy as np
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.datasets import load_iris
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import (
    AdaBoostClassifier,
    AdaBoostRegressor,
    BaggingClassifier,
    BaggingRegressor,
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
    StackingClassifier,
    VotingRegressor,
)
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import (
    ElasticNet,
    Lasso,
    LinearRegression,
    LogisticRegression,
    Ridge,
    SGDClassifier,
    SGDRegressor,
)
from sklearn.naive_bayes import BernoulliNB, CategoricalNB, ComplementNB, GaussianNB, MultinomialNB
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.preprocessing import (
    MaxAbsScaler,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    PolynomialFeatures,
    RobustScaler,
    StandardScaler,
)
from sklearn.svm import SVC, SVR, LinearSVC, LinearSVR, NuSVC, NuSVR
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor, ExtraTreeClassifier, ExtraTreeRegressor

NUMBERS, CLASSES = load_iris(return_X_y=True)
TARGET = NUMBERS[:, 0] * 1.5 + NUMBERS[:, 3]
NAMES = np.array(["setosa", "versicolor", "virginica"])[CLASSES]
CELLS = np.array([["red", 1.0], ["blue", 2.5], ["red", 2.0], ["green", 1.0], ["green", 3.0], ["blue", 0.5]], object)
TEXTS = np.array(["a good film", "bad film", "nice and good", "bad bad", "good", "so bad"], object)
SIDES = np.array([1, 0, 1, 0, 1, 0])

FEW = {"n_estimators": 3, "random_state": 1}
TREE = {"max_depth": 3, "random_state": 1}
REGRESSORS: list[Any] = [
    DecisionTreeRegressor(**TREE),
    ExtraTreeRegressor(**TREE),
    RandomForestRegressor(**FEW),
    ExtraTreesRegressor(**FEW),
    GradientBoostingRegressor(**FEW),
    GradientBoostingRegressor(loss="huber", init="zero", **FEW),
    HistGradientBoostingRegressor(max_iter=3, categorical_features=[0]),
    AdaBoostRegressor(**FEW),
    BaggingRegressor(**FEW),
    LinearRegression(),
    Ridge(),
    Lasso(alpha=0.01),
    ElasticNet(alpha=0.01),
    SGDRegressor(random_state=1),
    LinearSVR(random_state=1, max_iter=100_000),
    SVR(),
    NuSVR(),
    KNeighborsRegressor(),
    KNeighborsRegressor(algorithm="ball_tree", metric="manhattan"),
    MLPRegressor(hidden_layer_sizes=4, max_iter=500, random_state=1, solver="lbfgs"),
    DummyRegressor(),
    VotingRegressor([("ridge", Ridge()), ("tree", DecisionTreeRegressor(**TREE))]),
    TransformedTargetRegressor(Ridge(), transformer=StandardScaler()),
    TransformedTargetRegressor(Ridge(), func=np.log, inverse_func=np.exp),
    make_pipeline(StandardScaler(), PolynomialFeatures(2), DecisionTreeRegressor(**TREE)),
    make_pipeline(FeatureUnion([("a", MinMaxScaler()), ("b", RobustScaler())]), MaxAbsScaler(), Ridge()),
]
CLASSIFIERS: list[Any] = [
    DecisionTreeClassifier(**TREE),
    ExtraTreeClassifier(**TREE),
    RandomForestClassifier(**FEW),
    ExtraTreesClassifier(**FEW),
    GradientBoostingClassifier(**FEW),
    HistGradientBoostingClassifier(max_iter=3),
    AdaBoostClassifier(**FEW),
    BaggingClassifier(**FEW),
    LogisticRegression(max_iter=1000),
    SGDClassifier(random_state=1),
    LinearSVC(random_state=1, max_iter=100_000),
    SVC(),
    SVC(kernel="linear", decision_function_shape="ovo"),
    NuSVC(),
    KNeighborsClassifier(),
    KNeighborsClassifier(algorithm="brute", weights="distance"),
    GaussianNB(),
    MultinomialNB(),
    BernoulliNB(),
    ComplementNB(),
    CategoricalNB(min_categories=9),
    MLPClassifier(hidden_layer_sizes=4, max_iter=500, random_state=1, solver="lbfgs"),
    DummyClassifier(),
    StackingClassifier([("tree", DecisionTreeClassifier(**TREE))], LogisticRegression(), cv=2),
]
_COLUMNS = [("cells", make_pipeline(SimpleImputer(strategy="most_frequent", add_indicator=True), OneHotEncoder()), [0])]
TABLES: list[Any] = [
    Pipeline([("columns", ColumnTransformer(_COLUMNS, remainder="passthrough")), ("model", Ridge())]),
    make_pipeline(
        ColumnTransformer([("cells", OneHotEncoder(min_frequency=3, handle_unknown="infrequent_if_exist"), [0, 1])]),
        LogisticRegression(),
    ),
    make_pipeline(ColumnTransformer([("cells", OrdinalEncoder(), slice(0, 2))]), DecisionTreeClassifier(**TREE)),
]
TEXT_MODELS: list[Any] = [
    make_pipeline(TfidfVectorizer(stop_words="english"), LogisticRegression()),
    make_pipeline(CountVectorizer(ngram_range=(1, 2)), MultinomialNB()),
    make_pipeline(HashingVectorizer(n_features=64), LinearSVC(random_state=1)),
    make_pipeline(TfidfVectorizer(), KNeighborsClassifier(2)),
    make_pipeline(TfidfVectorizer(), SVC()),
]
MODELS = [
    *((model, NUMBERS, TARGET) for model in REGRESSORS),
    *((model, NUMBERS, NAMES) for model in CLASSIFIERS),
    *((model, CELLS, SIDES) for model in TABLES),
    *((model, TEXTS, SIDES) for model in TEXT_MODELS),
]


def fit(model: Any, rows: Any, target: Any) -> Any:
    """Return a fitted copy: what is parametrised over is not changed."""
    return pickle.loads(pickle.dumps(model)).fit(rows, target)


def describe(value: object) -> str:
    return str(value)[:60].replace("\n", "") if not isinstance(value, np.ndarray) else ""
