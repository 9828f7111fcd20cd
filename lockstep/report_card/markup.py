"""Pages as trees of elements: every text is escaped where the tree is written, so that none can be forgotten."""

from xml.etree.ElementTree import Element, tostring

Child = Element | str


def element(tag: str, *children: Child, **attributes: str | float) -> Element:
    """Return an element of a page or a drawing.

    In the names of attributes `cls` stands for `class`, and `_` for `-`. Numbers are written with one decimal.
    """
    made = Element(tag, {_write_name(name): _write_value(value) for name, value in attributes.items()})
    newest: Element | None = None
    for child in children:
        if isinstance(child, Element):
            made.append(child)
            newest = child
        elif newest is None:
            made.text = (made.text or "") + _tie(child)
        else:
            newest.tail = (newest.tail or "") + _tie(child)
    return made


def write_page(page: Element) -> str:
    """Return the page as HTML."""
    return f"<!doctype html>\n{write_element(page)}\n"


def write_element(part: Element) -> str:
    """Return a part of a page as HTML."""
    return tostring(part, encoding="unicode", method="html")


def _tie(text: str) -> str:
    """Return a text whose percent signs stay beside their numbers at the end of a line."""
    return text.replace(" %", "\N{NO-BREAK SPACE}%")


def _write_name(name: str) -> str:
    return "class" if name == "cls" else name.replace("_", "-")


def _write_value(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:.1f}".removesuffix(".0")
