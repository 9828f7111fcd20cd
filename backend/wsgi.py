"""The app for a WSGI server; the one module that works at import."""

from backend.app import create_app
from lockstep.web.app import boot_app

app = boot_app(create_app)
