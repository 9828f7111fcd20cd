"""The app for gunicorn; the one module that works at import."""

import sys

from backend.app import create_app
from backend.settings import read_settings
from preprocessing.errors import LockstepError

try:
    app = create_app(read_settings())
except LockstepError as error:
    sys.exit(f"lockstep: not serving: {error}")
