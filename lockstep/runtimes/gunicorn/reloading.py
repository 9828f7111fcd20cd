"""Load the models anew on SIGHUP: a new app for new workers, or the old workers and a line that says why."""

import logging
import sys
from collections.abc import Callable
from typing import Any

from lockstep.errors import LockstepError
from lockstep.runtimes.memory import settle_memory
from lockstep.scoring.booting import read_boot_settings

log = logging.getLogger(__name__)


def watch_reloads(server: Any) -> None:
    """Let the master build the app anew before it replaces its workers. `server` is gunicorn's arbiter."""
    replace_workers = server.reload
    server.reload = lambda: reload_models(server, replace_workers)


def reload_models(server: Any, replace_workers: Callable[[], None]) -> None:
    """Load and self-check the models, then replace the workers; leave them as they are if a model must not be served.

    The app is made by the `create_app` of the module that gunicorn was started with. The code stays that of the boot,
    but for feature sets.
    """
    module, _, _ = server.app.app_uri.partition(":")
    try:
        app = sys.modules[module].create_app(read_boot_settings())
    except LockstepError as error:
        log.critical("not reloaded, the workers go on with the models that they have: %s", error)
        return
    except (Exception, SystemExit):  # whatever the application's code raises, the master has to live
        log.critical("not reloaded, the workers go on with the models that they have", exc_info=True)
        return
    server.app.callable = sys.modules[module].app = app  # type: ignore[attr-defined] # nothing holds the old models
    settle_memory()
    replace_workers()
