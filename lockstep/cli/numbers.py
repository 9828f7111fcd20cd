"""Numbers on the command line: a refusal says what to type instead."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from lockstep.predict.intervals import LARGEST_LEVEL, SMALLEST_LEVEL, describe_odd_level

Option = click.Parameter | None
Context = click.Context | None


class Count(click.IntRange):
    """A whole number, 1 or more; refusals show `example`, and end with `note`."""

    def __init__(self, example: int, note: str = "") -> None:
        super().__init__(1)
        self.example, self.note = example, note

    def convert(self, value: Any, param: Option, ctx: Context) -> Any:
        """Return the number; raise `click.BadParameter`."""
        with _refusing(f"{value!r} is not a whole number from 1 on, such as {self.example}{self.note}", param, ctx):
            return super().convert(value, param, ctx)


class Level(click.IntRange):
    """The level of an interval, in percent."""

    def __init__(self) -> None:
        super().__init__(SMALLEST_LEVEL, LARGEST_LEVEL)

    def convert(self, value: Any, param: Option, ctx: Context) -> Any:
        """Return the level; raise `click.BadParameter`."""
        with _refusing(describe_odd_level(_guess_number(str(value)), repr(value)), param, ctx):
            return super().convert(value, param, ctx)


class Share(click.types.FloatParamType):
    """A share of 1, whose range is checked where it is used."""

    def __init__(self, example: float) -> None:
        self.example = example

    def convert(self, value: Any, param: Option, ctx: Context) -> Any:
        """Return the share; raise `click.BadParameter`."""
        with _refusing(f"{value!r} is not a number between 0 and 1, such as {self.example}", param, ctx):
            return super().convert(value, param, ctx)


@contextmanager
def _refusing(reason: str, param: Option, ctx: Context) -> Iterator[None]:
    """Refuse what click refuses meanwhile for this reason."""
    try:
        yield
    except click.BadParameter as error:
        raise click.BadParameter(reason, ctx, param) from error


def _guess_number(typed: str) -> float:
    """Return the number that was typed, with or without a percent sign; 0 if it is none."""
    try:
        return float(typed.removesuffix("%"))
    except ValueError:
        return 0.0
