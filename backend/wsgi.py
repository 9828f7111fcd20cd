"""The app for a WSGI server; the one module that works at import. A reload calls its `create_app` again."""

from backend.app import create_app
from lockstep.web.app import boot_app

app = boot_app(create_app)
