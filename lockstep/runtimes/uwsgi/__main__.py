"""`python -P -m lockstep.runtimes.uwsgi`: print uWSGI's settings, which backend/uwsgi.ini includes.

uWSGI reads what is printed and ignores the exit code. If a setting makes no sense, nothing is printed, so uWSGI has no
socket and ends as well.
"""

import sys

from lockstep.runtimes.uwsgi.config import write_config
from lockstep.scoring.settings import SettingsError, read_settings

if __name__ == "__main__":
    try:
        print(write_config(read_settings()))
    except SettingsError as error:
        sys.exit(f"not serving: {error}")
