"""`python -m qa.browser PYTHON [--pictures FOLDER] [--only FLOW …]`, from the root of the project.

PYTHON is that of the project's environment, which serves. Pictures of the flows that the docs show are written into
FOLDER. A FLOW is a part of the name of its function; default: all.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from playwright.sync_api import Browser, Error

from qa.browser.chromium import open_chromium
from qa.browser.flows import FLOWS
from qa.browser.plan import Flow, View
from qa.browser.services import run_services
from qa.browser.visit import Places, visit
from qa.errors import RunFailed
from qa.servers import ROOT, Server


def try_flow(browser: Browser, server: Server, flow: Flow, places: Places) -> Iterator[str]:
    """Yield what went wrong in a flow, view by view."""
    for view in flow.views:
        with visit(browser, server.url, view, places) as opened:
            opened.refused = flow.refused
            try:
                opened.open(flow.path)
                flow.act(opened)
                opened.look()
                if flow.picture:
                    opened.take_picture(flow.picture)
            except (AssertionError, Error) as error:
                opened.faults.append(str(error).strip())
            yield from (f"{_name(view)}: {fault}" for fault in opened.faults)


def _name(view: View) -> str:
    return view.name if view.has_script else f"{view.name} without script"


def try_flows(browser: Browser, servers: Mapping[str, Server], flows: Sequence[Flow], places: Places) -> int:
    """Try some flows and print the outcome of each; return how many failed."""
    failed = 0
    for flow in flows:
        started = time.monotonic()
        found = [*try_flow(browser, servers[flow.service], flow, places)]
        failed += bool(found)
        spent_s = time.monotonic() - started
        print(f"{'BROKEN' if found else 'kept':<7} {flow.service}: {flow.says} ({spent_s:.1f} s)", flush=True)
        for line in found:
            print("        " + line.replace("\n", "\n        "))
    return failed


def main() -> int:
    """Return the exit code: 1 if a flow failed, or could not be tried."""
    parser = argparse.ArgumentParser(prog="python -m qa.browser")
    parser.add_argument("python", type=Path)
    parser.add_argument("--pictures", type=Path)
    parser.add_argument("--only", nargs="*", default=[""])
    options = parser.parse_args()
    flows = [flow for flow in FLOWS if any(part in flow.act.__name__ for part in options.only)]
    if not flows:
        parser.error(f"no flow has {' or '.join(options.only)} in the name of its function")
    with tempfile.TemporaryDirectory(prefix="lockstep-browser-") as folder:
        python = options.python.absolute()
        try:
            with open_chromium() as browser:
                subprocess.run([python, "-m", "qa.browser.prepare", folder], cwd=ROOT, check=True)  # noqa: S603 - ours
                with run_services(python, Path(folder), {flow.service for flow in flows}) as servers:
                    failed = try_flows(browser, servers, flows, Places(Path(folder), options.pictures))
        except RunFailed as error:
            print(f"make browser: {error}", file=sys.stderr)
            return 1
    print(f"{len(flows) - failed} passed, {failed} failed")
    return min(failed, 1)


if __name__ == "__main__":
    sys.exit(main())
