"""The classes that a pickled model may be made of, family by family: explicit names, nothing by prefix."""

FAMILIES: dict[str, dict[str, str]] = {
    "pipelines": {
        "sklearn.pipeline": "Pipeline FeatureUnion",
        "sklearn.compose._column_transformer": "ColumnTransformer",
        "sklearn.compose._target": "TransformedTargetRegressor",
    },
    "steps": {
        "sklearn.impute._base": "SimpleImputer",
        "sklearn.preprocessing._data": "StandardScaler MinMaxScaler MaxAbsScaler RobustScaler Normalizer",
        "sklearn.preprocessing._encoders": "OneHotEncoder OrdinalEncoder",
        "sklearn.preprocessing._function_transformer": "FunctionTransformer",
        "sklearn.preprocessing._polynomial": "PolynomialFeatures",
    },
    "text": {
        "sklearn.feature_extraction.text": "CountVectorizer HashingVectorizer TfidfTransformer TfidfVectorizer",
    },
    "trees": {
        "sklearn.tree._classes": (
            "DecisionTreeClassifier DecisionTreeRegressor ExtraTreeClassifier ExtraTreeRegressor"
        ),
    },
    "forests": {
        "sklearn.ensemble._forest": (
            "RandomForestClassifier RandomForestRegressor ExtraTreesClassifier ExtraTreesRegressor"
        ),
    },
    "boosting": {
        "sklearn.ensemble._gb": "GradientBoostingClassifier GradientBoostingRegressor",
        "sklearn.ensemble._hist_gradient_boosting.gradient_boosting": (
            "HistGradientBoostingClassifier HistGradientBoostingRegressor"
        ),
    },
    "linear models": {
        "sklearn.linear_model._base": "LinearRegression",
        "sklearn.linear_model._ridge": "Ridge RidgeCV RidgeClassifier",
        "sklearn.linear_model._coordinate_descent": "Lasso LassoCV ElasticNet ElasticNetCV",
        "sklearn.linear_model._logistic": "LogisticRegression LogisticRegressionCV",
        "sklearn.linear_model._stochastic_gradient": "SGDClassifier SGDRegressor",
        "sklearn.linear_model._bayes": "BayesianRidge",
        "sklearn.linear_model._huber": "HuberRegressor",
        "sklearn.linear_model._least_angle": "LassoLars",
        "sklearn.linear_model._perceptron": "Perceptron",
        "sklearn.svm._classes": "LinearSVC LinearSVR",
    },
    "kernel machines": {"sklearn.svm._classes": "NuSVC NuSVR SVC SVR"},
    "neighbors": {
        "sklearn.neighbors._classification": "KNeighborsClassifier",
        "sklearn.neighbors._regression": "KNeighborsRegressor",
    },
    "naive Bayes": {"sklearn.naive_bayes": "BernoulliNB CategoricalNB ComplementNB GaussianNB MultinomialNB"},
    "neural networks": {"sklearn.neural_network._multilayer_perceptron": "MLPClassifier MLPRegressor"},
    "ensembles": {
        "sklearn.ensemble._bagging": "BaggingClassifier BaggingRegressor",
        "sklearn.ensemble._stacking": "StackingClassifier StackingRegressor",
        "sklearn.ensemble._voting": "VotingClassifier VotingRegressor",
        "sklearn.ensemble._weight_boosting": "AdaBoostClassifier AdaBoostRegressor",
    },
    "baselines": {"sklearn.dummy": "DummyClassifier DummyRegressor"},
}
"""The estimators and steps that a user fits: for each family, module to names."""

EXACT = ("pipelines", "steps", "trees", "forests", "boosting", "linear models", "baselines")
"""The families that have an exact form."""

PARTS: dict[str, str] = {
    "scipy.sparse._csr": "csr_array csr_matrix",
    "sklearn._loss.link": "HalfLogitLink IdentityLink Interval LogLink LogitLink MultinomialLogit",
    "sklearn._loss.loss": (
        "AbsoluteError ExponentialLoss HalfBinomialLoss HalfGammaLoss HalfMultinomialLoss HalfPoissonLoss "
        "HalfSquaredError HuberLoss PinballLoss"
    ),
    "sklearn.ensemble._hist_gradient_boosting.binning": "_BinMapper",
    "sklearn.ensemble._hist_gradient_boosting.predictor": "TreePredictor",
    "sklearn.impute._base": "MissingIndicator",
    "sklearn.preprocessing._label": "LabelBinarizer LabelEncoder",
    "sklearn.utils._bunch": "Bunch",
}
"""What the estimators of the families hold."""

TYPES = "float32 float64 int32 int64 uint8 uint32"
FUNCTIONS = "exp log"
VALUES = {("numpy", name) for name in f"{TYPES} {FUNCTIONS}".split()}
"""What parameters such as `dtype` and `inverse_func` name; a pickle cannot call them."""

UNUSED: dict[str, str] = {
    "numpy.random._mt19937": "MT19937",
    "numpy.random._pcg64": "PCG64",
    "numpy.random._pickle": "__bit_generator_ctor __generator_ctor __randomstate_ctor",
    "numpy.random.bit_generator": "SeedSequence __pyx_unpickle_SeedSequence",
    "sklearn._loss._loss": (
        "CyAbsoluteError CyExponentialLoss CyHalfBinomialLoss CyHalfGammaLoss CyHalfMultinomialLoss "
        "CyHalfPoissonLoss CyHalfSquaredError CyHuberLoss CyPinballLoss __pyx_unpickle_CyHalfMultinomialLoss"
    ),
    "sklearn.linear_model._sgd_fast": ("EpsilonInsensitive Hinge ModifiedHuber SquaredEpsilonInsensitive SquaredHinge"),
    "sklearn.metrics._dist_metrics": (
        "ChebyshevDistance64 EuclideanDistance64 HaversineDistance64 ManhattanDistance64 MinkowskiDistance64 newObj"
    ),
    "sklearn.neighbors._ball_tree": "BallTree newObj",
    "sklearn.neighbors._kd_tree": "KDTree newObj",
    "sklearn.neural_network._stochastic_optimizers": "AdamOptimizer SGDOptimizer",
}
"""Compiled or random parts that no prediction reads, or that are built again from checked arrays."""


def pair_names(modules: dict[str, str]) -> set[tuple[str, str]]:
    """Return each (module, name) of a table."""
    return {(module, name) for module, names in modules.items() for name in names.split()}


ESTIMATORS = {pair for modules in FAMILIES.values() for pair in pair_names(modules)}
CLASSES = ESTIMATORS | pair_names(PARTS)
UNUSED_NAMES = pair_names(UNUSED)


def list_families() -> str:
    """Return the estimators and steps of every family, a line each, for people."""
    return "".join(
        f"\n  {family}{'' if family in EXACT else ' (scikit-learn predicts)'}: "
        f"{', '.join(sorted(name for names in modules.values() for name in names.split()))}"
        for family, modules in FAMILIES.items()
    )
