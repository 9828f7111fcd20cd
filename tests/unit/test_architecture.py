import ast
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LAYERS = (
    "runtimes",
    "web",
    "doors",
    "scoring",
    "report_card",
    "bundles",
    "worth",
    "predict",
    "features",
    "data",
    "applications",
    "checkout",
    "distribution",
    "errors",
)
"""The packages and modules of the library that serve, each of which may import what stands after it."""

BESIDE = {
    "training": ("bundles", "worth", "predict", "features", "data", "applications", "checkout", "errors"),
    "parity": (
        "batch",
        "doors",
        "scoring",
        "report_card",
        "bundles",
        "worth",
        "predict",
        "features",
        "data",
        "applications",
        "checkout",
        "errors",
    ),
    "drift": (
        "parity",
        "doors",
        "scoring",
        "report_card",
        "bundles",
        "worth",
        "predict",
        "features",
        "data",
        "applications",
        "checkout",
        "errors",
    ),
    "exporting": LAYERS[2:],
    "batch": ("training", *LAYERS[2:]),
    "cli": ("parity", "drift", "training", "scaffold", "exporting", "batch", *LAYERS[2:]),
    "scaffold": ("applications", "distribution", "errors"),
    "client": ("distribution", "errors"),
    "__main__": ("cli",),
}
MAY_IMPORT = {package: {package, *LAYERS[place:]} for place, package in enumerate(LAYERS)} | {
    package: {package, *others} for package, others in BESIDE.items()
}
MUTUAL = ("lockstep/parity", "lockstep/runtimes/gunicorn")
"""Packages whose parts import each other in a circle; those of any other package do so in one direction."""
BESIDE_IT = "."
"""What a relative import reads; the files of a feature set are loaded as a package of any name, and need it."""
OURS = {BESIDE_IT, "backend", "data", "examples", "lockstep", "preprocessing", "qa", "tests"}
ONLY_IN = {
    "flask": ("lockstep/web/", "backend/"),
    "werkzeug": ("lockstep/web/",),
    "gunicorn": ("lockstep/runtimes/gunicorn/",),
    "ray": ("lockstep/batch/ray_data.py", "lockstep/runtimes/ray/"),
    "uwsgi": ("lockstep/runtimes/uwsgi/",),
    "requests": ("lockstep/parity/",),
    "sklearn": (
        "lockstep/predict/derive/",
        "lockstep/training/",
        "lockstep/bundles/fitted_state/",
        "lockstep/bundles/pickles/",
    ),
    "lockstep.predict.derive": (
        "lockstep/predict/derive/",
        "lockstep/bundles/pickled.py",
        "lockstep/bundles/sealing.py",
        "lockstep/bundles/proving.py",
        "lockstep/training/resealing.py",
    ),
    "lockstep.bundles.sealing": ("lockstep/training/",),
    "pandas": ("lockstep/client/", "lockstep/predict/pickled.py"),
    "httpx": ("lockstep/client/",),
    "pickle": (
        "lockstep/bundles/pickles/",
        "lockstep/bundles/dumping.py",
        "lockstep/bundles/sealing.py",
        "lockstep/bundles/unpickle.py",
    ),
    "lockstep.bundles.targets": (
        "lockstep/training/",
        "lockstep/bundles/outcomes.py",
        "lockstep/bundles/series_scores.py",
        "lockstep/bundles/stated/series.py",
    ),
    "lockstep.bundles.outcomes": ("lockstep/bundles/outcome_scores.py", "lockstep/scoring/backtest.py"),
    "lockstep.bundles.outcome_scores": (
        "lockstep/batch/backtesting.py",
        "lockstep/doors/backtested.py",
        "lockstep/scoring/backtest.py",
    ),
    "lockstep.scoring.backtest": (
        "lockstep/batch/backtesting.py",
        "lockstep/doors/backtest.py",
        "lockstep/doors/backtested.py",
    ),
    "lockstep.training.target": ("lockstep/training/",),
}
COUNTING = ("lockstep/data/calendar.py", "lockstep/predict/exact/masks.py", "lockstep/predict/history.py")
ELEMENTWISE = (
    "lockstep/data/bars.py",
    "lockstep/data/cells.py",
    "lockstep/data/column.py",
    "lockstep/data/schema.py",
    "lockstep/data/table.py",
    "lockstep/features/formulas.py",
    "lockstep/features/indicators.py",
    "lockstep/features/windows.py",
    "lockstep/predict/conformal.py",
    "lockstep/predict/exact/boosting.py",
    "lockstep/predict/exact/categories.py",
    "lockstep/predict/exact/columns.py",
    "lockstep/predict/exact/composition.py",
    "lockstep/predict/exact/constant.py",
    "lockstep/predict/exact/encoding.py",
    "lockstep/predict/exact/exponential.py",
    "lockstep/predict/exact/forest.py",
    "lockstep/predict/exact/form.py",
    "lockstep/predict/exact/forms.py",
    "lockstep/predict/exact/imputing.py",
    "lockstep/predict/exact/linear.py",
    "lockstep/predict/exact/lookup.py",
    "lockstep/predict/exact/model.py",
    "lockstep/predict/exact/nodes.py",
    "lockstep/predict/exact/paths.py",
    "lockstep/predict/exact/scaling.py",
    "lockstep/predict/exact/target.py",
    "lockstep/predict/exact/terms.py",
    "lockstep/predict/exact/tree.py",
    "lockstep/predict/exact/treelite_walk.py",
    "lockstep/predict/forecast.py",
    "preprocessing/daily.py",
    "preprocessing/prices.py",
)
SERVING = (*COUNTING, *ELEMENTWISE)
"""Where an answer's numbers are made, from the posted cells to the value of a leaf; `COUNTING` adds whole numbers."""

NOT_THE_SAME_ON_EVERY_CPU = {
    "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "logaddexp", "pow", "power", "float_power", "cbrt",
    "sin", "cos", "tan", "arcsin", "arccos", "arctan", "arctan2", "sinh", "cosh", "tanh", "arcsinh", "arccosh",
    "arctanh", "hypot", "dot", "vdot", "vecdot", "matvec", "vecmat", "inner", "matmul", "einsum", "tensordot",
    "linalg", "blas", "convolve", "correlate", "polyval", "interp", "trapezoid", "cov", "corrcoef",
}  # fmt: skip
NOT_ELEMENTWISE = {
    "sum", "nansum", "mean", "nanmean", "average", "std", "nanstd", "var", "nanvar", "cumsum", "prod", "cumprod",
    "reduce", "reduceat", "accumulate",
}  # fmt: skip


def find_violations(path: str, source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        for module in imported_modules(node):
            if not may_import(path, module):
                yield f"{path} imports {module}"
        called = node.func if isinstance(node, ast.Call) else node
        name = getattr(called, "attr", None) or (getattr(called, "id", None) if called is not node else None)
        if not path.startswith("lockstep/training/") and name in ("fit", "fit_transform", "partial_fit"):
            yield f"{path} fits"
        if path == "lockstep/bundles/sealing.py" and name in ("load", "loads", "Unpickler"):
            yield f"{path} unpickles"
        names = {name, *(part for module in imported_modules(node) for part in module.split("."))}
        differs = names & NOT_THE_SAME_ON_EVERY_CPU or isinstance(node, ast.MatMult | ast.Pow)
        if (path in SERVING and differs) or (path in ELEMENTWISE and names & NOT_ELEMENTWISE):
            yield f"{path} is not elementwise: {name or type(node).__name__}"


def may_import(path: str, module: str) -> bool:
    """Return whether a file of the library or the application may import a module."""
    if module == BESIDE_IT:
        return path.startswith("preprocessing/")
    root, _, inner = module.partition(".")
    allowed = [only for name, only in ONLY_IN.items() if module == name or module.startswith(f"{name}.")]
    if not all(path.startswith(only) for only in allowed):
        return False
    if root not in OURS or not path.startswith("lockstep/"):
        return root not in OURS or root == "lockstep" or (root, path.partition("/")[0]) == ("backend", "backend")
    return root == "lockstep" and inner.partition(".")[0] in MAY_IMPORT[package_of(path)]


def package_of(path: str) -> str:
    return path.split("/")[1].removesuffix(".py")


def imported_modules(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        if node.level:  # it hides its package
            return [BESIDE_IT]
        module = node.module or ""
        return [module, *(f"{module}.{alias.name}" for alias in node.names)]
    return []


def find_circle(package: str, sources: Mapping[str, str]) -> list[str]:
    """Return modules and packages in a package that import each other in a circle, empty if there are none."""
    inside = {
        path.removeprefix(f"{package}/"): source for path, source in sources.items() if path.startswith(f"{package}/")
    }
    parts: dict[str, set[str]] = {path.partition("/")[0].removesuffix(".py"): set() for path in inside}
    for path, source in inside.items():
        part = path.partition("/")[0].removesuffix(".py")
        modules = (module for node in ast.walk(ast.parse(source)) for module in imported_modules(node))
        beside = (module.removeprefix(f"{package.replace('/', '.')}.").partition(".")[0] for module in modules)
        parts[part] |= {other for other in beside if other in parts and other != part}
    try:
        TopologicalSorter(parts).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def read_sources(folder: str) -> dict[str, str]:
    return {path.relative_to(ROOT).as_posix(): path.read_text() for path in (ROOT / folder).rglob("*.py")}


@pytest.mark.parametrize("folder", ["lockstep", "backend", "preprocessing"])
def test_every_module_keeps_the_rules(folder: str) -> None:
    sources = read_sources(folder)
    assert sources
    assert [problem for path, source in sources.items() for problem in find_violations(path, source)] == []


PACKAGES = sorted(path.parent.relative_to(ROOT).as_posix() for path in (ROOT / "lockstep").rglob("*/__init__.py"))


@pytest.mark.parametrize("package", [package for package in PACKAGES if package not in MUTUAL])
def test_what_is_in_a_package_imports_the_rest_of_it_in_one_direction(package: str) -> None:
    assert find_circle(package, read_sources(package)) == []


@pytest.mark.parametrize("package", MUTUAL)
def test_no_package_is_excepted_without_need(package: str) -> None:
    assert find_circle(package, read_sources(package))


@pytest.mark.parametrize(
    "source",
    [
        "from lockstep.web.site import Site",
        "from lockstep.web import site",
        "import lockstep.web.site",
        "def later():\n    from lockstep.web.site import Site",
        "if TYPE_CHECKING:\n    from lockstep.web.site import Site",
    ],
)
def test_a_circle_is_found_however_it_is_imported(source: str) -> None:
    site = {"lockstep/web/site.py": "from lockstep.web.console.assets import Assets"}
    assert find_circle("lockstep/web", {**site, "lockstep/web/console/assets.py": source})
    assert find_circle("lockstep/web", {**site, "lockstep/web/console/assets.py": "import flask"}) == []


NO_PACKAGES = ("__init__.py", "__pycache__", "py.typed")


def test_every_package_of_the_library_has_its_rules() -> None:
    packages = {path.stem for path in (ROOT / "lockstep").iterdir() if path.name not in NO_PACKAGES}
    assert packages == set(MAY_IMPORT)


@pytest.mark.parametrize("path", SERVING)
def test_elementwise_modules_are_where_the_rule_looks(path: str) -> None:
    assert (ROOT / path).is_file()


@pytest.mark.parametrize("path", SERVING)
@pytest.mark.parametrize(
    "source",
    [
        "x = np.exp(x)",
        "x = np.log(x)",
        "x = np.power(x, 2)",
        "x = np.tanh(x)",
        "x = x**2",
        "x **= 2",
        "x = pow(x, 2)",
        "x = np.dot(x, y)",
        "x = x.dot(y)",
        "x = x @ y",
        "x @= y",
        "x = np.matmul(x, y)",
        "x = np.einsum('i,i', x, y)",
        "x = math.exp(x)",
        "x = np.linalg.norm(x)",
        "x = list(map(math.log, x))",
        "from numpy import exp as grow",
        "from numpy.linalg import norm",
        "import numpy.linalg as algebra",
    ],
)
def test_nothing_that_cpus_do_differently_stands_between_bars_and_prediction(path: str, source: str) -> None:
    assert list(find_violations(path, source))


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("lockstep/data/bars.py", "from lockstep.bundles import bundle"),
        ("lockstep/training/grid.py", "import lockstep.cli.tables"),
        ("lockstep/training/grid.py", "def later():\n    from lockstep.web.app import create_app"),
        ("lockstep/training/grid.py", "from lockstep.parity.compare import compare"),
        ("lockstep/web/app.py", "from lockstep.parity import checks"),
        ("lockstep/web/app.py", "from lockstep.runtimes.gunicorn import worker"),
        ("lockstep/scoring/service.py", "from lockstep.doors import frame"),
        ("lockstep/doors/frame.py", "import lockstep.web.app"),
        ("lockstep/parity/client.py", "import lockstep.web"),
        ("lockstep/parity/forms.py", "import pandas as pd"),
        ("lockstep/parity/client.py", "import httpx"),
        ("lockstep/parity/client.py", "from lockstep.client import Client"),
        ("lockstep/client/frames.py", "from lockstep.data.schema import normalise_column"),
        ("lockstep/bundles/bundle.py", "from lockstep.training.grid import search"),
        ("lockstep/features/feature_set.py", "from examples.tutorial.features import TUTORIAL"),
        ("lockstep/features/feature_set.py", "from preprocessing.daily import DAILY"),
        ("lockstep/cli/serve.py", "from lockstep.web.app import create_app"),
        ("lockstep/cli/serve.py", "import backend"),
        ("lockstep/training/grid.py", "from . import bundle"),
        ("lockstep/cli/serve.py", "import flask"),
        ("lockstep/doors/frame.py", "import flask"),
        ("lockstep/web/app.py", "from gunicorn.http.errors import ParseException"),
        ("backend/gunicorn.conf.py", "from gunicorn.http import wsgi"),
        ("lockstep/web/watching.py", "import uwsgi"),
        ("lockstep/scoring/errors.py", "from werkzeug.exceptions import HTTPException"),
        ("backend/app.py", "from tests import conftest"),
        ("preprocessing/daily.py", "from preprocessing import indicators"),
        ("lockstep/training/grid.py", "from werkzeug.exceptions import NotFound"),
        ("lockstep/web/app.py", "import requests.adapters"),
        ("lockstep/doors/answers.py", "import pandas as pd"),
        ("lockstep/data/price_csv.py", "from pandas import read_csv"),
        ("lockstep/training/grid.py", "import pickle"),
        ("lockstep/bundles/sealing.py", "scaler = pickle.loads(content)"),
        ("lockstep/scoring/service.py", "from lockstep.bundles.targets import gross_returns"),
        ("lockstep/bundles/series.py", "from lockstep.bundles import targets"),
        ("lockstep/scoring/score.py", "from lockstep.bundles.outcomes import find_outcomes"),
        ("lockstep/doors/answers.py", "from lockstep.scoring.backtest import backtest"),
        ("lockstep/cli/verify.py", "from lockstep.bundles.targets import BUILT_IN"),
        ("lockstep/predict/forecast.py", "from lockstep.training import target"),
        ("lockstep/scoring/service.py", "scaler.fit(features)"),
        ("lockstep/parity/checks.py", "scaled = StandardScaler().fit_transform(features)"),
        ("lockstep/predict/forecast.py", "leaf = scaled @ weights"),
        ("lockstep/features/indicators.py", "squares = close**2"),
        ("lockstep/features/indicators.py", "growth = np.log(close)"),
        ("lockstep/features/windows.py", "total = values.sum(axis=0)"),
        ("lockstep/features/windows.py", "total = np.add.reduce(values)"),
        ("lockstep/features/windows.py", "total = sum(values)"),
        ("preprocessing/daily.py", "from numpy import cumsum\nvolume = cumsum(volume)"),
        ("preprocessing/daily.py", "level = close.mean()"),
    ],
)
def test_each_rule_is_broken_by_a_sample(path: str, source: str) -> None:
    assert list(find_violations(path, source))


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("lockstep/web/app.py", "import flask\nfrom lockstep.bundles.bundle import load_bundle"),
        ("backend/app.py", "from lockstep.web.app import create_app\nfrom backend import routes"),
        ("lockstep/bundles/sealing.py", "import pickle\ncontent = pickle.dumps(scaler)"),
        ("lockstep/training/training.py", "scaler.fit(features)\nfrom lockstep.training.target import HORIZON_BARS"),
        ("preprocessing/prices.py", "from . import daily"),
        ("lockstep/features/indicators.py", "mean = sum_rows(values) / 3.0\ndeviation = abs(values - mean)"),
    ],
)
def test_what_the_rules_allow_passes(path: str, source: str) -> None:
    assert list(find_violations(path, source)) == []
