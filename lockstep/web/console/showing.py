"""What every page of the console has: its headers, and the line at its top with the models and the other pages."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from flask import Response, render_template, request
from markupsafe import Markup, escape

from lockstep.bundles.registry import Served
from lockstep.doors.door import HTML
from lockstep.report_card.markup import write_element
from lockstep.web.addresses import locate_console, locate_report
from lockstep.web.compressing import respond_compressed
from lockstep.web.console.choosing import Choice
from lockstep.web.headers import describe_console_headers
from lockstep.web.hooks import may_view
from lockstep.web.site import Site
from lockstep.web.watching import HEADERS

DAY = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True)
class Header:
    """The line at the top of a page: the version that it shows, and all that there are to choose from.

    Nobody who may not see the models is shown any: `served` is then empty, and `chosen` is None. `symbol` is that of
    the series of a panel that the page shows, if it shows one.
    """

    chosen: Served | None
    served: tuple[Served, ...]
    symbol: str | None = None

    @property
    def report(self) -> str | None:
        """Return the address of the report card of what the page shows."""
        return locate_report(self.chosen, self.symbol) if self.chosen else None


def _make_header(site: Site, choice: Choice | None) -> Header:
    if not may_view(site):
        return Header(None, ())
    registry = site.service.registry
    return Header(choice.version if choice else registry.default, registry.served, choice.symbol if choice else None)


def tie(text: str) -> Markup:
    """Return a text for a page: no line ends inside of a date, or between a number and its percent sign."""
    escaped = str(escape(text)).replace(" %", "\N{NO-BREAK SPACE}%")
    return Markup(DAY.sub(r'<span class="day">\g<0></span>', escaped))  # noqa: S704 -- it was escaped the line before


def _write(part: Element) -> Markup:
    return Markup(write_element(part))  # noqa: S704 -- whatever it holds is escaped where it is written


def show_page(site: Site, template: str, shown: Mapping[str, object], choice: Choice | None = None) -> Response:
    """Return a page of the console, with the headers that it needs; without a choice it is about no version.

    `shown` is what the template shows, by name.
    """
    request.environ[HEADERS] = list(describe_console_headers().items())
    always = {"header": _make_header(site, choice), "locate": site.assets.locate, "locate_console": locate_console}
    page = render_template(template, **always, write=_write, tie=tie, **shown)
    return respond_compressed(page.encode(), f"{HTML}; charset=utf-8")


def show_locked(site: Site) -> Response:
    """Return the page for whoever has to send a key first: a field for it, the names and versions that there are."""
    return show_page(site, "locked.html", {"served": site.service.registry.served})
