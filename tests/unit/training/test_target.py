import ast
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from lockstep.training.target import next_gross_returns

ROOT = Path(__file__).parents[3]
PACKAGES = ("backend", "lockstep", "preprocessing")
TARGET = "lockstep.training.target"


def test_target_is_the_next_return_and_unknown_for_the_newest() -> None:
    close = np.array([10.0, 12.0, 9.0, 9.0])
    np.testing.assert_array_equal(next_gross_returns(close), [1.2, 0.75, 1.0, np.nan])
    assert np.isnan(next_gross_returns(close[:1])).tolist() == [True]


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


def test_only_training_and_evaluation_import_the_target() -> None:
    assert find_files(imports_target, *PACKAGES) == {"lockstep/training/training.py", "lockstep/training/evaluation.py"}


def test_only_the_target_reads_forward() -> None:
    assert find_files(reads_forward, "lockstep/data", "lockstep/features", "lockstep/training", "preprocessing") == {
        "lockstep/training/target.py"
    }


@pytest.mark.parametrize(
    ("guard", "source"),
    [
        (imports_target, "from lockstep.training.target import next_gross_returns"),
        (imports_target, "from lockstep.training import fitting, target"),
        (imports_target, "import lockstep.training.target as answers"),
        (imports_target, "importlib.import_module('lockstep.training.target')"),
        (reads_forward, "close.shift(-1)"),
        (reads_forward, "close.shift(periods=-1)"),
        (reads_forward, "np.roll(close, 1)"),
        (reads_forward, "features[0, :-1] = close[1:]"),
    ],
)
def test_guard_sees(guard: Callable[[ast.AST], bool], source: str) -> None:
    assert any(map(guard, ast.walk(ast.parse(source))))
