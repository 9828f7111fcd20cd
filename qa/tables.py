"""Tables of Markdown, and their places in the pages of the documentation."""

from collections.abc import Iterable


def write_table(heading: str, rows: Iterable[str]) -> str:
    """Return a table of Markdown; `heading` is the text between the outer bars."""
    return "\n".join((f"| {heading} |", "|---" * (heading.count("|") + 1) + "|", *(f"| {row} |" for row in rows)))


def replace_table(page: str, name: str, table: str) -> str:
    """Return the page with the table between the two markers of `name` replaced; raise ValueError without them."""
    begin, end = f"<!-- {name} -->\n", f"\n<!-- end of {name} -->"
    head, _, rest = page.partition(begin)
    _, found, tail = rest.partition(end)
    if not found:
        raise ValueError(f"there is no place for the table {name!r}")
    return f"{head}{begin}{table}{end}{tail}"


def read_table(page: str, name: str) -> list[list[str]]:
    """Return the cells of the rows between the two markers of `name`, without the heading."""
    _, _, rest = page.partition(f"<!-- {name} -->\n")
    lines = rest.partition(f"<!-- end of {name} -->")[0].splitlines()
    return [line.strip("| ").split(" | ") for line in lines if line.startswith("| ")][1:]
