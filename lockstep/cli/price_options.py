"""The options that say how a price file is written, of every command that reads one."""

import datetime
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from lockstep.data.price_files.form import PriceForm
from lockstep.data.price_files.reading import PriceFile, read_price_file

Command = Callable[..., Any]
TAB = "tab"
LAST_DAY = datetime.datetime(2013, 12, 31)
"""A day that is read back only if its year, month and day are all written: what is left out is read as 1900-01-01."""
DATE_FORMAT_HELP = (
    "How the file writes dates, such as %m/%d/%Y or %d.%m.%Y. Default: as in 2013-03-01, or what all dates allow alone."
)
SEP_HELP = f"What separates the columns: one character, or `{TAB}`. Default: the one in the header."
DECIMAL_HELP = "The decimal mark. Default: the one that all numbers allow."


def read_date_format(_context: click.Context, _option: click.Parameter, asked: str | None) -> str | None:
    """Return the format; refuse one that does not name a day."""
    try:
        if asked is None or datetime.datetime.strptime(LAST_DAY.strftime(asked), asked) == LAST_DAY:
            return asked
    except ValueError:
        pass
    raise click.BadParameter(f"{asked!r} does not write a day, a month and a year; expected one such as %m/%d/%Y")


def read_separator(_context: click.Context, _option: click.Parameter, asked: str | None) -> str | None:
    """Return the character; refuse what is none."""
    found = "\t" if asked in (TAB, "\\t") else asked
    if found is not None and (len(found) != 1 or found in '"\r\n'):
        raise click.BadParameter(f"{asked!r} is not one character; expected one such as ';', or `{TAB}`")
    return found


OPTIONS = (
    click.option("--date-format", metavar="FORMAT", callback=read_date_format, help=DATE_FORMAT_HELP),
    click.option("--sep", metavar="CHARACTER", callback=read_separator, help=SEP_HELP),
    click.option("--decimal", type=click.Choice([".", ","]), help=DECIMAL_HELP),
)


def price_options(function: Command) -> Command:
    """Give a command the options of a price file; its function gets them as `price_form`, a `PriceForm`."""

    @wraps(function)
    def call(*, date_format: str | None, sep: str | None, decimal: Any, **asked: Any) -> Any:
        return function(price_form=PriceForm(date_format, sep, decimal), **asked)

    for option in reversed(OPTIONS):
        call = option(call)
    return call


def read_prices(path: Path, form: PriceForm) -> PriceFile:
    """Return the cells of a price file, and say how it was read; see `read_price_file`."""
    file = read_price_file(path, form)
    say_reading(file.name, "; ".join(file.cells.said))
    return file


def say_reading(name: str, said: str) -> None:
    """Print how a file was read, on standard error, if that is not as in the Yahoo format."""
    if said:
        click.echo(f"read {name}: {said}", err=True)
