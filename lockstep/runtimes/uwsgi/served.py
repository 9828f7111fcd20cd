"""The app that uWSGI serves: the one that its option `pyargv` names as `module:app`.

uWSGI imports this module in its master, before it forks, so it works at import.
"""

import logging
import sys
from importlib import import_module

import uwsgi

from lockstep.runtimes.memory import settle_memory
from lockstep.runtimes.uwsgi.config import FORK_HOOKS
from lockstep.runtimes.uwsgi.lingering import Lingering
from lockstep.runtimes.uwsgi.listening import list_hosts
from lockstep.scoring.counters import process_counters
from lockstep.scoring.logs import JSON, set_up_logging
from lockstep.scoring.settings import SettingsError, read_settings

log = logging.getLogger(__name__)
set_up_logging(JSON)

try:
    settings = read_settings()
    if FORK_HOOKS not in uwsgi.opt:
        raise SettingsError(
            "uWSGI has not the library's settings, which its file reads from `python -P -m lockstep.runtimes.uwsgi`; "
            "is `python` the one of this environment? Activate it, or put its bin folder first into PATH"
        )
    for host in list_hosts(uwsgi.sockets):
        settings.check_bind(host)
except SettingsError as error:
    log.critical("not serving: %s", error)
    sys.exit(1)
set_up_logging(settings.log, process_counters())

module, _, name = sys.argv[1].partition(":")
app = Lingering(getattr(import_module(module), name), uwsgi.connection_fd)
settle_memory()
