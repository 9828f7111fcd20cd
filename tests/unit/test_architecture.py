import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAY_IMPORT = {
    "cli": {"cli", "backend", "parity", "models", "preprocessing"},
    "examples": {"examples", "parity", "models", "preprocessing"},
    "backend": {"backend", "models", "preprocessing"},
    "parity": {"parity", "models", "preprocessing"},
    "models": {"models", "preprocessing"},
    "preprocessing": {"preprocessing"},
}
OURS = {*MAY_IMPORT, "bench", "chaos", "data", "matrix", "tests"}
ONLY_IN = {
    "flask": ("backend/",),
    "werkzeug": ("backend/",),
    "prometheus_client": ("backend/",),
    "requests": ("parity/",),
    "pandas": ("cli/", "parity/"),
    "pickle": ("models/unpickle.py", "models/bundle.py"),
    "redis": ("backend/rate_limits.py",),
    "preprocessing.target": ("models/training.py", "models/evaluation.py"),
}
COUNTING = ("preprocessing/calendar.py", "models/history.py")
ELEMENTWISE = (
    "preprocessing/bars.py",
    "preprocessing/table.py",
    "preprocessing/indicators.py",
    "preprocessing/windows.py",
    "preprocessing/features.py",
    "models/fitted.py",
    "models/forecast.py",
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
    room = path.partition("/")[0]
    for node in ast.walk(ast.parse(source)):
        for module in imported_modules(node):
            root = module.split(".")[0]
            if root in OURS - MAY_IMPORT[room]:
                yield f"{path} imports {module}"
            for name, allowed in ONLY_IN.items():
                if (module == name or module.startswith(f"{name}.")) and not path.startswith(allowed):
                    yield f"{path} imports {module}"
        called = node.func if isinstance(node, ast.Call) else node
        name = getattr(called, "attr", None) or (getattr(called, "id", None) if called is not node else None)
        if room in ("backend", "parity") and name in ("fit", "fit_transform", "partial_fit"):
            yield f"{path} fits"
        if path == "models/bundle.py" and name in ("load", "loads", "Unpickler"):
            yield f"{path} unpickles"
        names = {name, *(part for module in imported_modules(node) for part in module.split("."))}
        differs = names & NOT_THE_SAME_ON_EVERY_CPU or isinstance(node, ast.MatMult | ast.Pow)
        if (path in SERVING and differs) or (path in ELEMENTWISE and names & NOT_ELEMENTWISE):
            yield f"{path} is not elementwise: {name or type(node).__name__}"


def imported_modules(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        module = node.module or "tests"  # a relative import hides its room: refused as one of tests would be
        return [module if node.level == 0 else "tests"] + [f"{module}.{alias.name}" for alias in node.names]
    return []


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_every_module_keeps_the_rules(room: str) -> None:
    sources = {str(path.relative_to(ROOT)): path.read_text() for path in (ROOT / room).rglob("*.py")}
    assert len(sources) > 2
    assert [problem for path, source in sources.items() for problem in find_violations(path, source)] == []


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
        ("preprocessing/bars.py", "from models import bundle"),
        ("models/grid.py", "import cli.tables"),
        ("models/grid.py", "def later():\n    from backend.app import create_app"),
        ("models/grid.py", "from parity.compare import compare"),
        ("backend/app.py", "from parity import checks"),
        ("parity/client.py", "import backend"),
        ("examples/tutorial/train.py", "from backend.service import load_service"),
        ("preprocessing/features.py", "from examples.tutorial.features import TUTORIAL"),
        ("models/grid.py", "from . import bundle"),
        ("cli/serve.py", "import flask"),
        ("models/grid.py", "from werkzeug.exceptions import NotFound"),
        ("backend/app.py", "import requests.adapters"),
        ("models/forecast.py", "from prometheus_client import Histogram"),
        ("backend/answers.py", "import pandas as pd"),
        ("preprocessing/price_csv.py", "from pandas import read_csv"),
        ("models/grid.py", "import pickle"),
        ("backend/app.py", "from redis import Redis"),
        ("models/bundle.py", "scaler = pickle.loads(content)"),
        ("backend/service.py", "from preprocessing.target import next_gross_returns"),
        ("models/forecast.py", "from preprocessing import target"),
        ("backend/service.py", "scaler.fit(features)"),
        ("parity/checks.py", "scaled = StandardScaler().fit_transform(features)"),
        ("models/forecast.py", "leaf = scaled @ weights"),
        ("preprocessing/indicators.py", "squares = close**2"),
        ("preprocessing/indicators.py", "growth = np.log(close)"),
        ("preprocessing/windows.py", "total = values.sum(axis=0)"),
        ("preprocessing/windows.py", "total = np.add.reduce(values)"),
        ("preprocessing/windows.py", "total = sum(values)"),
        ("preprocessing/features.py", "from numpy import cumsum\nvolume = cumsum(volume)"),
        ("preprocessing/features.py", "level = close.mean()"),
    ],
)
def test_each_rule_is_broken_by_a_sample(path: str, source: str) -> None:
    assert list(find_violations(path, source))


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("backend/app.py", "import flask\nfrom models.bundle import load_bundle"),
        ("models/bundle.py", "import pickle\ncontent = pickle.dumps(scaler)"),
        ("models/training.py", "scaler.fit(features)\nfrom preprocessing.target import HORIZON_BARS"),
        ("preprocessing/indicators.py", "mean = sum_rows(values) / 3.0\ndeviation = abs(values - mean)"),
    ],
)
def test_what_the_rules_allow_passes(path: str, source: str) -> None:
    assert list(find_violations(path, source)) == []
