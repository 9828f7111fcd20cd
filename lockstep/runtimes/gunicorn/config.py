"""gunicorn's settings, for a Heroku dyno and for a desk alike; `--config python:lockstep.runtimes.gunicorn.config`.

gunicorn runs a configuration by importing it, so this module works at import.
"""

import logging
import sys
from typing import Any

from gunicorn.http import wsgi

from lockstep.runtimes.gunicorn.answers import WholeAnswer
from lockstep.runtimes.gunicorn.heartbeat import find_heartbeat_folder
from lockstep.runtimes.gunicorn.logger import GunicornLogger
from lockstep.runtimes.gunicorn.reloading import watch_reloads
from lockstep.runtimes.gunicorn.shares import Shares
from lockstep.runtimes.memory import settle_memory
from lockstep.scoring.counters import process_counters
from lockstep.scoring.logs import JSON, set_up_logging
from lockstep.scoring.settings import SettingsError, read_settings

__all__ = [
    "bind",
    "child_exit",
    "control_socket_disable",
    "graceful_timeout",
    "keepalive",
    "logger_class",
    "on_starting",
    "pre_fork",
    "preload_app",
    "timeout",
    "when_ready",
    "worker_class",
    "worker_connections",
    "worker_tmp_dir",
    "workers",
]

log = logging.getLogger(__name__)
set_up_logging(JSON)

try:
    settings = read_settings()
except SettingsError as error:
    log.critical("not serving: %s", error)
    sys.exit(1)
set_up_logging(settings.log, process_counters())
shares = Shares()

wsgi.Response = WholeAnswer
bind = settings.bind
workers = settings.workers
worker_class = "lockstep.runtimes.gunicorn.worker.GreenletWorker"
worker_connections = 4096  # of each worker, if it has as many file descriptors
preload_app = True  # bundles are loaded and self-checked once, before the socket is bound
worker_tmp_dir = find_heartbeat_folder()
keepalive = 100  # above the 90 s that Heroku's router keeps an idle connection
timeout = 25  # both below the router's 30 s
graceful_timeout = 25
control_socket_disable = True  # it would be written under a home that a dyno's random user has not
logger_class = GunicornLogger


def on_starting(server: Any) -> None:
    """Refuse an open address without keys, then leave the loaded app out of garbage collections."""
    try:
        for address in server.cfg.address:
            settings.check_bind(address[0] if isinstance(address, tuple) else f"unix:{address}")
    except SettingsError as error:
        log.critical("not serving: %s", error)
        sys.exit(1)
    settle_memory()


def when_ready(server: Any) -> None:
    """Let SIGHUP load the models anew."""
    watch_reloads(server)


def pre_fork(_: Any, worker: Any) -> None:
    """Give a new worker its share of the connections."""
    worker.share = shares.take()


def child_exit(_: Any, worker: Any) -> None:
    """Take the connections of a worker that ended out of the shares."""
    worker.share.leave()
