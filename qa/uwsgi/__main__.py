"""`python -m qa.uwsgi`, from the root of the project."""

import sys

from qa.promises import try_promises
from qa.uwsgi import answers, bodies, boots, workers

PROMISES = (*answers.PROMISES, *bodies.PROMISES, *workers.PROMISES, *boots.PROMISES)

if __name__ == "__main__":
    sys.exit(try_promises("make doors", PROMISES))
