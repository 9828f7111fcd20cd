"""gunicorn's settings, for a Heroku dyno and for a desk alike."""

import gc
import sys

from backend.settings import SettingsError, read_settings

try:
    settings = read_settings()
except SettingsError as error:
    sys.exit(f"lockstep: not serving: {error}")

bind = f"{settings.host}:{settings.port}"
workers = settings.workers
threads = settings.threads
worker_class = "backend.worker.EvenWorker"
preload_app = True  # bundles are loaded and self-checked once, before the socket is bound
worker_tmp_dir = "/dev/shm"  # a heartbeat file on a slow disk would stop a healthy worker
keepalive = 100  # above the 90 s that Heroku's router keeps an idle connection
timeout = 25  # both below the router's 30 s
graceful_timeout = 25
control_socket_disable = True  # it would be written under a home that a dyno's random user has not
accesslog = "-"
access_log_format = '%(t)s "%(r)s" %(s)s %(b)s %(M)sms %({x-request-id}o)s'


def on_starting(server):
    """Refuse an open address without keys, then leave the loaded app out of garbage collections."""
    for address in server.cfg.address:
        host = address[0] if isinstance(address, tuple) else f"unix:{address}"
        try:
            settings.check_bind(host)
        except SettingsError as error:
            sys.exit(f"lockstep: not serving: {error}")
    gc.collect()
    gc.freeze()
