"""The report card of a version: JSON for a program, a page for a browser."""

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple
from xml.etree.ElementTree import Element

import msgspec

from lockstep.bundles.registry import Registry
from lockstep.report_card.building import make_report_card
from lockstep.report_card.card import ReportCard
from lockstep.report_card.markup import element
from lockstep.report_card.page import render_page
from lockstep.web.addresses import locate_console

MAX_KEPT = 16
"""Cards that a process keeps, each of about 300 kB."""


class WrittenCard(NamedTuple):
    """A report card, and both of its forms."""

    card: ReportCard
    as_json: bytes
    as_page: str


WriteCard = Callable[[str, int, str | None], WrittenCard]
"""From a model, the number of a version and, for a panel, the symbol of a series to its card."""


def keep_cards(registry: Registry) -> WriteCard:
    """Return what writes the card of a version when it is first asked for, and keeps those asked for last."""

    # inside, so that a cache ends with its registry
    @lru_cache(MAX_KEPT)
    def write_card(model: str, version: int, symbol: str | None) -> WrittenCard:
        card = make_report_card(registry.pick(model, version, symbol).bundle, version)
        return WrittenCard(card, msgspec.json.encode(card), render_page(card, _link_console(model, version, symbol)))

    return write_card


def _link_console(model: str, version: int, symbol: str | None) -> Element:
    address = locate_console(model, version, symbol)
    return element("nav", element("a", "Lockstep", href=address), f" {model} version {version}", cls="back")
