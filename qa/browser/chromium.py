"""The browser of the machine."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, expect, sync_playwright

from qa.browser.visit import TIMEOUT_MS
from qa.errors import ToolMissing

NAMES = ("chromium", "chromium-browser", "google-chrome")
ELSEWHERE = "other.test"
"""A name of this machine from which a page is neither of localhost nor of https: as of another machine."""
RULES = f"--host-resolver-rules=MAP {ELSEWHERE} 127.0.0.1"
MISSING = "needs Chromium: apt-get install --no-install-recommends chromium"


@contextmanager
def open_chromium() -> Iterator[Browser]:
    """Open the Chromium of the machine without a window; raise `ToolMissing` if there is none."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        raise ToolMissing(MISSING)
    expect.set_options(timeout=TIMEOUT_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=[RULES])
        yield browser
        browser.close()
