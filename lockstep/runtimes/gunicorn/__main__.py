"""`python -P -m lockstep.runtimes.gunicorn`: gunicorn, which imports nothing from the current folder.

gunicorn itself puts the current folder first on the import path, where a file of the user's, such as `queue.py` or
`models.py`, would take the place of the module that is meant.
"""

import os

from gunicorn.app.wsgiapp import WSGIApplication


class InstalledApplication(WSGIApplication):  # type: ignore[misc] # gunicorn ships no types
    """gunicorn's application, from what is installed."""

    def chdir(self) -> None:
        """Go to the working folder, and leave the import path as it is."""
        os.chdir(self.cfg.chdir)


if __name__ == "__main__":
    InstalledApplication("%(prog)s [OPTIONS] [APP_MODULE]", prog="gunicorn").run()
