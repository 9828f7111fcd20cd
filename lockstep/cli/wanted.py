"""Which checks of the parity suite are wanted, and of one check which requests."""

from collections.abc import Sequence
from dataclasses import dataclass

import click

from lockstep.parity.asking import Requests
from lockstep.parity.checks import PANEL_CHECKS
from lockstep.parity.split.checks import SPLIT_CHECKS


@dataclass(frozen=True)
class Wanted:
    """A check, and the number of one of its requests; None for all of them."""

    check: str
    number: int | None


class CheckOrRequest(click.ParamType[Wanted]):
    """The name of a check, such as `chunks`, or of one of its requests, such as `chunks:17`."""

    name = "check"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Wanted:
        """Return what is wanted; end the command if there is no such check, or it has no requests of its own."""
        name, colon, number = str(value).partition(":")
        checks = {check.name: check for check in (*PANEL_CHECKS, *SPLIT_CHECKS)}
        found = checks.get(name)
        if found is None:
            self.fail(f"{name!r} is not one of {', '.join(checks)}", param, ctx)
        if not colon:
            return Wanted(name, None)
        if not (number.isascii() and number.isdigit()):
            self.fail(f"{number!r} is no number of a request; example: chunks:17", param, ctx)
        if not isinstance(found.run, Requests):
            self.fail(f"{name} has no requests of its own; use --only {name}", param, ctx)
        return Wanted(name, int(number))


def list_numbers(wanted: Sequence[Wanted]) -> dict[str, list[int]]:
    """Return the numbers of the requests to which checks are limited, by check."""
    numbers: dict[str, list[int]] = {}
    for each in wanted:
        if each.number is not None:
            numbers.setdefault(each.check, []).append(each.number)
    return {check: found for check, found in numbers.items() if Wanted(check, None) not in wanted}
