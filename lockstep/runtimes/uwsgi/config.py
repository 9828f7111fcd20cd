"""uWSGI's settings, as it reads them from a file."""

from lockstep.scoring.settings import Settings

SIGTERM = 15
FORK_HOOKS = "py-call-uwsgi-fork-hooks"
"""The setting without which the workers would not take rows of their own in the counters."""
MOST_HEAD = 2**15
"""How many bytes the head of a request may have; uWSGI allows 4 KiB, and at most 64."""
STEADY = {
    "strict": "true",  # an unknown option is refused
    "master": "true",
    "need-app": "true",
    "single-interpreter": "true",  # numpy works in no other
    "no-orphans": "true",
    "vacuum": "true",
    FORK_HOOKS: "true",
    # a worker that is told to stop answers first what it has begun; by default SIGTERM reloads
    "hook-master-start": f"unix_signal:{SIGTERM} gracefully_kill_them_all",
    "forkbomb-delay": "0",  # a master that waits before it replaces a worker forgets that one when it stops
    "worker-reload-mercy": "25",
    "harakiri": "25",  # both below a router's 30 s
    "socket-timeout": "20",
    "buffer-size": str(MOST_HEAD),
    "add-header": "Connection: close",  # http-socket closes after each answer, and does not say so
    "disable-logging": "true",  # the app writes the line of each request
    "ignore-sigpipe": "true",
    "ignore-write-errors": "true",
}
"""What does not depend on the environment. The app is loaded before the workers are forked, which is the default."""


def write_config(settings: Settings) -> str:
    """Return the lines of the file."""
    address = settings.bind.removeprefix("unix:")
    chosen = {"http-socket": address, "processes": str(settings.workers), **STEADY}
    return "\n".join(["[uwsgi]", *(f"{name} = {value}" for name, value in chosen.items())])
