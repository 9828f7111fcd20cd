"""One page in one view, and all that went wrong on it."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.base import AXE_SCRIPT
from PIL import Image, ImageChops
from playwright.sync_api import Browser, ConsoleMessage, Page, Request

from qa.browser.plan import View

TIMEOUT_MS = 15_000
"""For an answer of a service on loopback, and for whatever shows it, on a machine that has much else to do."""
MAX_PICTURE_BYTES = 150_000
COLORS = 256
"""Of a picture, as many as a palette holds: it is half as large then."""
MAX_OFF = 16
"""How far a channel of 0 to 255 may be from that of the page; a mark that turns grey is off by more."""
SERIOUS = ("serious", "critical")
WATCH_POLICY = """
addEventListener("securitypolicyviolation", (event) =>
    reportViolation(`${event.effectiveDirective} blocked ${event.blockedURI || "inline"} at ${event.sourceFile}`))
"""
REFUSED = re.compile(r"Failed to load resource: the server responded with a status of (\d+)")
FIND_BARRIERS = """
(alike) => axe.run({include: ["html"], exclude: [...document.querySelectorAll(alike)]}, {resultTypes: ["violations"]})
    .then((found) => found.violations)
"""
ALIKE = "[data-filtered] ~ [data-filtered]"
"""Elements that look like those before them; the reference has hundreds, and contrast alone would take seconds."""
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@dataclass(frozen=True)
class Places:
    """Folders: of the files that people drop, and of pictures, if any are kept."""

    files: Path
    pictures: Path | None


@dataclass
class Visit:
    """A page of the service at `url`; `faults` grow while it is used."""

    page: Page
    url: str
    view: View
    places: Places
    refused: tuple[int, ...] = ()
    faults: list[str] = field(default_factory=list)

    def open(self, path: str) -> None:
        """Open a page of the service, and wait until nothing more is loaded."""
        self.page.goto(self.url + path, wait_until="load")

    def require(self, holds: bool, otherwise: str) -> None:
        """Add a fault unless something holds."""
        if not holds:
            self.faults.append(otherwise)

    def look(self) -> None:
        """Add what is wrong with the page as it is now: barriers that axe finds, and a page wider than the window.

        Without script axe cannot run, and the page is the same but for what script adds.
        """
        if self.view.has_script:
            self.faults += find_barriers(self.page)
        if (excess_px := self.page.evaluate(WIDER)) > 0:
            self.faults.append(f"the page is {excess_px} px wider than the window")

    def take_picture(self, name: str) -> None:
        """Keep a picture of the window, small enough for the docs, if pictures are kept."""
        if self.places.pictures is None:
            return
        path = self.places.pictures / f"{name}-{self.view.name}.png"
        taken = Image.open(BytesIO(self.page.screenshot(animations="disabled"))).convert("RGB")
        kept = taken.quantize(COLORS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
        kept.save(path, optimize=True)
        off = max(ImageChops.difference(taken, kept.convert("RGB")).tobytes())
        self.require(off <= MAX_OFF, f"a color of {path.name} is off by {off}, {MAX_OFF} at most")
        if (size := path.stat().st_size) > MAX_PICTURE_BYTES:
            self.faults.append(f"{path.name} has {size} bytes, {MAX_PICTURE_BYTES} at most")

    def watch(self) -> None:
        """Add from now on what the console reports, what the policy blocks, and what is asked of other hosts."""
        self.page.set_default_timeout(TIMEOUT_MS)
        self.page.expose_function("reportViolation", lambda text: self.faults.append(f"policy: {text}"))
        self.page.add_init_script(WATCH_POLICY)
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        self.page.on("request", self._see)

    def _hear(self, message: ConsoleMessage) -> None:
        status = REFUSED.match(message.text)
        if message.type in ("error", "warning") and not (status and int(status[1]) in self.refused):
            self.faults.append(f"console: {message.text}")

    def _see(self, request: Request) -> None:
        asked = urlsplit(request.url)
        if asked.scheme not in ("data", "blob") and asked.netloc != urlsplit(self.url).netloc:
            self.faults.append(f"a request left the service: {request.url}")


@contextmanager
def visit(browser: Browser, url: str, view: View, places: Places) -> Iterator[Visit]:
    """Open an empty page in a view; nothing is kept from one visit to the next."""
    context = browser.new_context(
        viewport={"width": view.width_px, "height": view.height_px},
        color_scheme=view.scheme,
        java_script_enabled=view.has_script,
        permissions=["clipboard-read", "clipboard-write"],
        reduced_motion="reduce",  # a picture is taken of what has come to rest
    )
    opened = Visit(context.new_page(), url, view, places)
    opened.watch()
    yield opened
    context.close()


def find_barriers(page: Page) -> list[str]:
    """Return what axe-core finds on a page that is serious or critical, a line for each rule."""
    page.evaluate(AXE_SCRIPT)
    found: list[dict[str, Any]] = page.evaluate(FIND_BARRIERS, ALIKE)
    return [
        f"axe: {rule['id']}, {rule['impact']}: {rule['help']}, {len(rule['nodes'])} times, first at "
        f"{json.dumps(rule['nodes'][0]['target'])}: {rule['nodes'][0].get('failureSummary', '')}"
        for rule in found
        if rule["impact"] in SERIOUS
    ]
