"""`python -m qa.chaos`, from the root of the project."""

import sys
import time

from qa.chaos.faults import FAULTS
from qa.chaos.plan import FULL


def main(names: list[str]) -> int:
    """Run the named faults, all without a name, and print what each showed; return 1 where a promise was broken."""
    broken = 0
    for fault in FAULTS:
        if names and fault.__name__ not in names:
            continue
        started = time.monotonic()
        finding = fault(FULL)
        broken += bool(finding.broken)
        verdict = "BROKEN" if finding.broken else "kept"
        print(f"{verdict:<7} {fault.__name__:<20} {finding.promise} ({time.monotonic() - started:.0f} s)")
        for line in finding.figures:
            print(f"        {line}")
        for line in finding.broken:
            print(f"        BROKEN: {line}")
        sys.stdout.flush()
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
