"""gunicorn's settings, for a Heroku dyno and for a desk alike; `--config python:lockstep.runtimes.gunicorn.config`.

gunicorn runs a configuration by importing it, so this module works at import.
"""

import logging
import sys
from typing import Any

from gunicorn.http import wsgi

from lockstep.runtimes.gunicorn.heartbeat import find_heartbeat_folder
from lockstep.runtimes.gunicorn.logger import GunicornLogger
from lockstep.runtimes.gunicorn.refusals import NamelessResponse
from lockstep.runtimes.gunicorn.reloading import settle_memory, watch_reloads
from lockstep.scoring.counters import process_counters
from lockstep.scoring.logs import JSON, set_up_logging
from lockstep.scoring.settings import SettingsError, read_settings

__all__ = [
    "bind",
    "control_socket_disable",
    "forwarded_allow_ips",
    "graceful_timeout",
    "keepalive",
    "logger_class",
    "on_starting",
    "preload_app",
    "threads",
    "timeout",
    "when_ready",
    "worker_class",
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

wsgi.Response = NamelessResponse
forwarded_allow_ips = ""  # the app reads forwarded headers, in one place: lockstep/web/app.py
bind = settings.bind
workers = settings.workers
threads = settings.threads
worker_class = "lockstep.runtimes.gunicorn.worker.EvenWorker"
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
