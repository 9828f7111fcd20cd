"""`python -m qa.intervals TUTORIAL ENVIRONMENT`, from the root of the project; `make intervals` names both folders."""

import shutil
import sys
from pathlib import Path

from rich.console import Console

from lockstep.predict.intervals import MAX_HORIZON_BARS
from qa.errors import RunFailed
from qa.intervals.blocks import measure_blocks
from qa.intervals.chance import find_other_bands
from qa.intervals.promises import make_promise, make_promises
from qa.intervals.report import show_horizons, show_newest
from qa.intervals.series import TUTORIAL, load_series
from qa.promises import try_promises

COMMAND = "make intervals"
HORIZONS = (*range(1, MAX_HORIZON_BARS + 3), 10, 15, 21)
WIDTH = 170


def main(tutorial: Path, environment: Path) -> int:
    """Print the tables and what became of each promise; return 1 if one was broken."""
    try:
        series = load_series(tutorial, environment)
    except RunFailed as error:
        print(f"{COMMAND}: {error}", file=sys.stderr)
        return 1
    if not (tutorial / TUTORIAL).is_file():
        print(f"without the tutorial's series: put its {TUTORIAL} into {tutorial}, or set TUTORIAL to its folder")
    horizons = {each: [block for one in series for block in measure_blocks(one, each)] for each in HORIZONS}
    newest = [measure_blocks(one, 1)[0] for one in series]
    console = Console(width=max(WIDTH, shutil.get_terminal_size().columns))
    console.print(show_newest(newest), show_horizons(horizons), sep="\n")
    chance = make_promise("what chance alone allows is what a new simulation gives", find_other_bands)
    return try_promises(COMMAND, [*make_promises(newest, horizons), chance])


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:])))
