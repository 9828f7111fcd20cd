import ast
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from lockstep.bundles.targets import BUILT_IN, directions, gross_returns, is_known
from lockstep.data.bars import Bars
from lockstep.training.target import NEXT_RETURN, Target

ROOT = Path(__file__).parents[3]
PACKAGES = ("backend", "lockstep", "preprocessing")
TARGET = "lockstep.bundles.targets"


def test_target_is_the_next_return_and_unknown_for_the_newest(bars: Bars) -> None:
    close = np.array([10.0, 12.0, 9.0, 9.0])
    np.testing.assert_array_equal(gross_returns(close, 1), [1.2, 0.75, 1.0, np.nan])
    assert np.isnan(gross_returns(close[:1], 1)).tolist() == [True]
    assert NEXT_RETURN.build(bars).tobytes() == gross_returns(bars.close, 1).tobytes()


@pytest.mark.parametrize("horizon", [1, 2, 4, 9])
def test_returns_and_directions_look_as_many_bars_ahead_as_the_horizon_says(horizon: int) -> None:
    close = np.array([10.0, 12.0, 12.0, 9.0, 12.0])
    later = [close[row + horizon] if row + horizon < close.size else None for row in range(close.size)]
    returns = [np.nan if there is None else there / here for here, there in zip(close, later, strict=True)]
    labels = [
        "" if there is None else "up" if there > here else "down" for here, there in zip(close, later, strict=True)
    ]
    np.testing.assert_array_equal(gross_returns(close, horizon), returns)
    assert directions(close, horizon).tolist() == labels
    assert is_known(directions(close, horizon)).tolist() == is_known(gross_returns(close, horizon)).tolist()


@pytest.mark.parametrize("name", BUILT_IN)
def test_no_learning_target_reads_beyond_its_horizon(name: str, bars: Bars) -> None:
    rows = slice(200, 300)
    target = Target(name, 5, BUILT_IN[name])
    values = bars.values.copy()
    values[:, rows.stop + 5 :] *= np.random.default_rng(1).uniform(0.5, 2.0, len(bars) - rows.stop - 5)
    later = Bars(bars.dates, values)
    assert target.build_learning(later, rows).tolist() == target.build(bars)[rows].tolist()
    values[:4, rows.stop + 4] *= 0.5
    assert target.build_learning(later, rows).tolist() != target.build(bars)[rows].tolist()


def imports_target(node: ast.AST) -> bool:
    if isinstance(node, ast.Import):
        return any(alias.name == TARGET for alias in node.names)
    if isinstance(node, ast.ImportFrom):
        return TARGET in {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return isinstance(node, ast.Constant) and str(node.value).startswith(TARGET)


def reads_forward(node: ast.AST) -> bool:
    """Say whether a node rolls, shifts back, or writes `x[:-k] = …`: later values in earlier places."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        goes_back = any(isinstance(part, ast.USub) for part in ast.walk(node))
        return node.func.attr == "roll" or (node.func.attr in {"shift", "diff", "pct_change"} and goes_back)
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
        last = node.slice.elts[-1] if isinstance(node.slice, ast.Tuple) else node.slice
        return isinstance(last, ast.Slice) and isinstance(last.upper, ast.UnaryOp)
    return False


def find_files(is_found: Callable[[ast.AST], bool], *packages: str) -> set[str]:
    paths = [path for package in packages for path in (ROOT / package).rglob("*.py")]
    trees = {path.relative_to(ROOT).as_posix(): ast.parse(path.read_text(encoding="utf-8")) for path in paths}
    return {path for path, tree in trees.items() if any(map(is_found, ast.walk(tree)))}


def test_only_training_and_what_looks_back_on_forecasts_import_the_targets() -> None:
    names = ("grid", "learning", "named_targets", "panel/learning", "rejudging", "target")
    modules = [f"training/{name}" for name in names]
    recomputing = ("bundles/outcomes", "bundles/series_scores", "bundles/stated/series")
    assert find_files(imports_target, *PACKAGES) == {f"lockstep/{module}.py" for module in (*modules, *recomputing)}


def test_only_the_target_reads_forward() -> None:
    packages = ("lockstep/bundles", "lockstep/data", "lockstep/features", "lockstep/training", "preprocessing")
    assert find_files(reads_forward, *packages) == {"lockstep/bundles/targets.py"}


@pytest.mark.parametrize(
    ("guard", "source"),
    [
        (imports_target, "from lockstep.bundles.targets import gross_returns"),
        (imports_target, "from lockstep.bundles import scores, targets"),
        (imports_target, "import lockstep.bundles.targets as answers"),
        (imports_target, "importlib.import_module('lockstep.bundles.targets')"),
        (reads_forward, "close.shift(-1)"),
        (reads_forward, "close.shift(periods=-1)"),
        (reads_forward, "np.roll(close, 1)"),
        (reads_forward, "features[0, :-1] = close[1:]"),
    ],
)
def test_guard_sees(guard: Callable[[ast.AST], bool], source: str) -> None:
    assert any(map(guard, ast.walk(ast.parse(source))))
