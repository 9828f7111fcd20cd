"""gunicorn's settings: those of the library. Below the import, any name of docs.gunicorn.org/settings replaces one."""

from lockstep.runtimes.gunicorn.config import *  # noqa: F403 -- they are all meant
