"""What is tried: views of a page, flows, and the pictures of them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

LIGHT, DARK = "light", "dark"
PHONE_PX, DESKTOP_PX = 390, 1280


@dataclass(frozen=True)
class View:
    """A window and the color scheme that its owner prefers; `has_script` is false if script is switched off."""

    width_px: int
    height_px: int
    scheme: str
    has_script: bool = True

    @property
    def name(self) -> str:
        """Return what distinguishes pictures of the view."""
        return f"{self.width_px}" + ("-dark" if self.scheme == DARK else "")


PHONE, DESKTOP = View(PHONE_PX, 844, LIGHT), View(DESKTOP_PX, 720, LIGHT)
PHONE_DARK, DESKTOP_DARK = View(PHONE_PX, 844, DARK), View(DESKTOP_PX, 720, DARK)
NO_SCRIPT = View(PHONE_PX, 844, LIGHT, has_script=False)
ALL_VIEWS = (PHONE, PHONE_DARK, DESKTOP, DESKTOP_DARK)
BOTH_WIDTHS = (PHONE, DESKTOP_DARK)


@dataclass(frozen=True)
class Flow:
    """What a person does on a page: `act` gets the visit, and its docstring says what it shows.

    `service` is one of `qa.browser.services`, `path` is the page that opens first. `picture` is the name under which
    the end of the flow is kept for the docs, empty if it is not. `refused` are statuses of answers that belong to the
    flow: the browser writes an error of its own into the console for each.
    """

    service: str
    path: str
    act: Callable[[Any], None]
    views: tuple[View, ...] = BOTH_WIDTHS
    picture: str = ""
    refused: tuple[int, ...] = ()

    @property
    def says(self) -> str:
        """Return what the flow shows."""
        return str(self.act.__doc__).partition("\n")[0].removeprefix("Show that ").rstrip(".")
