"""`python -m qa.ray`, from the root of the project."""

import os
import secrets
import sys
import tempfile
from collections.abc import Callable, Iterable
from functools import partial, update_wrapper
from pathlib import Path

from qa.default_bundle import DEFAULT_BUNDLE
from qa.errors import RunFailed
from qa.families import train_family
from qa.promises import try_promises
from qa.ray import counts, operating, shipped, wire
from qa.ray.head import HAPROXY, Head
from qa.ray.service import make_application, run_ray
from qa.ray.suite import prove_bundle

COMMAND = "make ray"
TABLE = "table-hist-boosting"
Promise = Callable[[Head], list[str]]
PROMISES: tuple[Promise, ...] = (*wire.PROMISES, *counts.PROMISES, *operating.PROMISES)
BEHIND_HAPROXY: tuple[Promise, ...] = (wire.write_headers_once, wire.keep_request_ids, counts.hide_secrets)


def main() -> int:
    """Try every promise, then some of them behind HAProxy; return the exit code."""
    with tempfile.TemporaryDirectory(prefix="lockstep-ray-") as folder:
        bundles = (DEFAULT_BUNDLE, train_family(TABLE, Path(folder)))
        served = make_application(environ={"LOCKSTEP_MODELS": os.pathsep.join(map(str, bundles))})
        with run_ray(served) as head:
            broken = try_promises(
                COMMAND, (*shipped.PROMISES, *(prove(head, each) for each in bundles), *bind(PROMISES, head))
            )
    return try_behind_haproxy() or broken


def try_behind_haproxy() -> int:
    """Try what HAProxy could change, with a key in the environment of the head; return the exit code."""
    secret = secrets.token_urlsafe()
    with run_ray(environ={**HAPROXY, "LOCKSTEP_API_KEYS": secret}) as head:
        promises = (prove(head, DEFAULT_BUNDLE, secret), *bind(BEHIND_HAPROXY, head))
        return try_promises(f"{COMMAND}, behind HAProxy", promises)


def prove(head: Head, folder: Path, key: str | None = None) -> Callable[[], list[str]]:
    """Return the promise that the whole suite passes on a bundle."""
    promise = partial(prove_bundle, head, folder, key)
    promise.__doc__ = f"the suite passes on {folder.parent.name}{', with a key, behind HAProxy' if key else ''}"
    return promise


def bind(promises: Iterable[Promise], head: Head) -> list[Callable[[], list[str]]]:
    """Return the promises of a head that runs."""
    return [update_wrapper(partial(promise, head), promise) for promise in promises]


if __name__ == "__main__":
    try:
        sys.exit(main())
    except RunFailed as error:  # a head or an application that does not start
        sys.exit(f"{COMMAND}: {error}")
