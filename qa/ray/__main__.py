"""`python -m qa.ray`, from the root of the project."""

import os
import sys
import tempfile
from collections.abc import Callable
from functools import partial, update_wrapper
from pathlib import Path

from qa.default_bundle import DEFAULT_BUNDLE
from qa.families import train_family
from qa.promises import try_promises
from qa.ray.head import Head
from qa.ray.service import make_application, run_ray
from qa.ray.suite import prove_bundle

TABLE = "table-hist-boosting"
Promise = Callable[[Head], list[str]]


def main() -> int:
    """Run two replicas of both bundles and try every promise; return the exit code."""
    with tempfile.TemporaryDirectory(prefix="lockstep-ray-") as folder:
        bundles = (DEFAULT_BUNDLE, train_family(TABLE, Path(folder)))
        served = make_application(environ={"LOCKSTEP_MODELS": os.pathsep.join(map(str, bundles))})
        with run_ray(served) as head:
            return try_promises("make ray", (*suite_promises(head, bundles), *bind(PROMISES, head)))


def suite_promises(head: Head, bundles: tuple[Path, ...]) -> list[Callable[[], list[str]]]:
    """Return a promise for each bundle: the whole suite passes."""
    return [_describe(partial(prove_bundle, head, each), f"the suite passes on {each.parent.name}") for each in bundles]


def bind(promises: tuple[Promise, ...], head: Head) -> list[Callable[[], list[str]]]:
    """Return the promises of a head that runs."""
    return [update_wrapper(partial(promise, head), promise) for promise in promises]


def _describe(promise: "partial[list[str]]", said: str) -> Callable[[], list[str]]:
    promise.__doc__ = said
    return promise


PROMISES: tuple[Promise, ...] = ()

if __name__ == "__main__":
    sys.exit(main())
