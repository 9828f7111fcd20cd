"""gunicorn as its documentation suggests for an app that waits little: two threaded workers, nothing of ours.

gunicorn runs a configuration by importing it, so this module works at import.
"""

import os

bind = f"127.0.0.1:{os.environ['PORT']}"
workers = int(os.environ["WEB_CONCURRENCY"])
worker_class = "gthread"
threads = 4
keepalive = 100
