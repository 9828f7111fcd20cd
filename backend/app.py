"""The app that is deployed: the library's, and routes of your own."""

from flask import Flask

from lockstep.scoring.settings import Settings
from lockstep.web.app import create_app as create_library_app


def create_app(settings: Settings) -> Flask:
    """Return the app. Add your routes before the last line: they need a key and count like a forecast."""
    app = create_library_app(settings)
    return app  # noqa: RET504 -- your routes go between the two lines
