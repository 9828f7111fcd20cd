"""Read a class of scikit-learn and its parameters from text, such as `sklearn.linear_model:Ridge(alpha=2.0)`.

The text is parsed, never evaluated: parameters are literals, and nothing outside scikit-learn is imported.
"""

import ast
import importlib
import inspect
import re
from collections.abc import Mapping, Sequence
from typing import Any

from sklearn.base import BaseEstimator
from sklearn.utils import get_tags

from lockstep.data.near import name_nearest
from lockstep.errors import TrainingError

LIBRARY = "sklearn"
MAX_SHOWN = 80
SPEC = re.compile(r"(?:(?P<module>[\w.]+):)?(?P<made>[\w-]+)(?P<arguments>\(.*\))?", re.DOTALL)
FORM = "NAME, NAME(parameter=value, …) or sklearn.module:Class(parameter=value, …)"
KIND_SUFFIX = re.compile(r"(Regressor|Classifier)$")
"""The end of a class's name that no short name has."""

Parameters = dict[str, Any]
Named = Mapping[str, type[BaseEstimator]]


def parse_spec(spec: str, names: Named, noun: str = "estimator", others: Sequence[str] = ()) -> BaseEstimator:
    """Return the unfitted object that `spec` describes; `names` are the short names of some classes.

    `noun` is what refusals call it, and `others` what could be said instead of a short name.
    Raises `TrainingError` that names what is wrong: the form, the class, a parameter that the class does not have.
    """
    found = SPEC.fullmatch(spec.strip())
    if found is None:
        raise TrainingError(f"{spec!r} names no {noun}; expected {FORM}")
    module, name = found["module"], found["made"]
    if module is None and name not in names:
        raise TrainingError(f"no {noun} is called {name!r}; {_advise(name, names, others)}")
    made = names[name] if module is None else _import_class(module, name)
    return _make(made, _parse_arguments(spec, found["arguments"] or "()"))


def _advise(name: str, names: Named, others: Sequence[str]) -> str:
    """Return what is expected instead of an unknown name, which may be that of a class without its module."""
    classes, listed = {made.__name__: short for short, made in names.items()}, [*names, *others]
    near = name_nearest(classes.get(name) or KIND_SUFFIX.sub("", name), listed)
    return f"expected {', '.join(listed)}, or {FORM}{near}"


def _import_class(module: str, name: str) -> type[BaseEstimator]:
    if module.partition(".")[0] != LIBRARY:
        raise TrainingError(
            f"{module}:{name} is not of scikit-learn; pass an estimator of your own to train() in Python, and see "
            "docs/estimators.md on what can be sealed"
        )
    try:
        found = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise TrainingError(f"scikit-learn has no {module}:{name}: {error}") from error
    if not (isinstance(found, type) and issubclass(found, BaseEstimator) and found.__module__.startswith(LIBRARY)):
        raise TrainingError(f"{module}:{name} is no estimator of scikit-learn")
    return found


def _parse_arguments(spec: str, arguments: str) -> Parameters:
    try:
        call = ast.parse(source := f"made{arguments}", mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise TrainingError(f"{spec!r} cannot be read: {error}; expected {FORM}") from error
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name) or call.args:
        raise TrainingError(f"{spec!r} is not one call with named parameters; expected {FORM}")
    read = [_read_literal(spec, source, keyword) for keyword in call.keywords]
    if len(parameters := dict(read)) < len(read):
        raise TrainingError(f"{spec!r} names a parameter twice")
    return parameters


def _read_literal(spec: str, source: str, keyword: ast.keyword) -> tuple[str, Any]:
    try:
        value = ast.literal_eval(keyword.value)
    except (ValueError, TypeError, RecursionError) as error:
        shown = ast.get_source_segment(source, keyword.value) or ""  # unparsing may go too deep as well
        raise TrainingError(
            f"{spec!r}: {keyword.arg} is {shown[:MAX_SHOWN]}, which is not a literal; expected a number, text, True, "
            "False, None or a list of them"
        ) from error
    if keyword.arg is None:
        raise TrainingError(f"{spec!r}: ** is not read; name each parameter")
    return keyword.arg, value


def _make(made: type[BaseEstimator], parameters: Parameters) -> BaseEstimator:
    valid = [name for name in inspect.signature(made).parameters if name not in ("args", "kwargs")]
    if unknown := [name for name in parameters if name not in valid]:
        raise TrainingError(f"{made.__name__} has no parameter {unknown[0]}; it has {', '.join(valid)}")
    try:
        estimator = made(**parameters)
        get_tags(estimator)  # a wrapper asks the estimator inside
    except TypeError as error:  # a parameter without a default
        raise TrainingError(f"{made.__name__} cannot be made: {error}") from error
    except AttributeError as error:
        raise TrainingError(
            f"{made.__name__} needs an estimator inside, which a text cannot hold; pass it to train() or train_table() "
            "in Python"
        ) from error
    return estimator
