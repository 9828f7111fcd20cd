"""`python -m qa.kubernetes DEFINITIONS`, from the root of the project."""

import sys
from pathlib import Path

from qa.errors import RunFailed
from qa.kubernetes.arms import run_arms
from qa.kubernetes.definitions import read_definitions
from qa.kubernetes.manifests import PRODUCTION
from qa.kubernetes.promises import Promises, build_all
from qa.kubernetes.split import Split
from qa.promises import try_promises

COMMAND = "make kubernetes"


def main(folder: Path) -> int:
    """Try every promise; return 1 if one is broken, or if nothing can be tried."""
    try:
        promises = Promises(read_definitions(folder), build_all())
        failed = try_promises(COMMAND, promises.list_all())
        with run_arms(promises.built[PRODUCTION]) as arms:
            return try_promises(COMMAND, Split(arms).list_all()) or failed
    except RunFailed as error:
        print(f"{COMMAND}: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
