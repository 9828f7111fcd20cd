"""The app for gunicorn; the one module that works at import."""

import logging
import sys

from backend.app import create_app
from backend.settings import read_settings
from preprocessing.errors import LockstepError

try:
    app = create_app(read_settings())
except LockstepError as error:
    logging.getLogger(__name__).critical("not serving: %s", error)
    sys.exit(1)
