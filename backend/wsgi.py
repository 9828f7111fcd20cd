"""The app for gunicorn; the one module that works at import."""

import logging
import sys

from lockstep.errors import LockstepError
from lockstep.scoring.settings import read_settings
from lockstep.web.app import create_app

try:
    app = create_app(read_settings())
except LockstepError as error:
    logging.getLogger(__name__).critical("not serving: %s", error)
    sys.exit(1)
