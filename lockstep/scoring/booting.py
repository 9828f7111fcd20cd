"""The settings of a process that is about to serve: those of its environment, and the commit that it runs."""

import os
from collections.abc import Mapping
from dataclasses import replace

from lockstep.applications import APPLICATION_FILE, find_application
from lockstep.checkout import is_tracked, read_checkout
from lockstep.errors import LockstepError
from lockstep.scoring.settings import UNKNOWN_COMMIT, Settings, read_settings


def read_boot_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Return the settings; without LOCKSTEP_COMMIT the commit is that of the application's checkout, if it is in one.

    Raises `SettingsError`. What goes wrong with the checkout is no reason not to serve.
    """
    settings = read_settings(environ)
    return replace(settings, commit=find_commit()) if settings.commit == UNKNOWN_COMMIT else settings


def find_commit() -> str:
    """Return the commit of the application, `-dirty` after it if files differ; `unknown` outside of a checkout."""
    try:
        folder = find_application().folder
    except LockstepError:  # whoever needs the application says what is wrong with it
        return UNKNOWN_COMMIT
    if not is_tracked(folder / APPLICATION_FILE):
        return UNKNOWN_COMMIT
    checkout = read_checkout(folder)
    return UNKNOWN_COMMIT if checkout is None else checkout.described
