"""What `lockstep forecast` prints."""

import csv
import datetime
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, get_args

import click
import msgspec
from msgspec import UNSET, UnsetType

from lockstep.bundles.entries import RETURN
from lockstep.bundles.shown_verdict import show_verdict
from lockstep.cli.newest import Newest
from lockstep.doors.answers import (
    LOWER_CLOSE,
    PROBA_COLUMN,
    UPPER_CLOSE,
    describe_frame,
    describe_interval,
    describe_model,
)
from lockstep.doors.wire import ForecastFrame, Interval, Model
from lockstep.report_card.digits import show_move, show_percent, show_price, show_value

Form = Literal["json", "csv"]
FORMS = get_args(Form)
GAP = "  "


class Printed(msgspec.Struct):
    """The JSON object: the members of an answer of `POST /v1/forecast`, and the verdict as sentences."""

    forecast: ForecastFrame
    model: Model
    verdict: list[str]
    warnings: list[str]
    interval: Interval | UnsetType = UNSET


def print_newest(newest: Newest, form: Form | None) -> None:
    """Print the forecasts as a form, or for people."""
    frame = describe_frame(newest.bundle, newest.answer)
    if form == "json":
        click.echo(msgspec.json.encode(_describe(newest, frame)))
    elif form == "csv":
        click.echo(write_csv(frame), nl=False)
        for warning in newest.warnings:
            click.echo(f"warning: {warning}", err=True)
    else:
        click.echo("\n".join(list_lines(newest, frame)))


def _describe(newest: Newest, frame: ForecastFrame) -> Printed:
    bundle, answer = newest.bundle, newest.answer
    interval = describe_interval(bundle, answer.levels)
    return Printed(frame, describe_model(answer.served), show_verdict(bundle.manifest), newest.warnings, interval)


def write_csv(frame: ForecastFrame) -> str:
    """Return a frame as CSV, floats in their shortest round-trip form."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([frame.columns, *frame.data])
    return text.getvalue()


def list_lines(newest: Newest, frame: ForecastFrame) -> Iterator[str]:
    """Yield the lines for people: the model, a table of the forecasts, the verdict, and what is worth knowing."""
    answer, manifest = newest.answer, newest.bundle.manifest
    verdict = show_verdict(manifest)
    yield from (f"{manifest.symbol} by {answer.served}, digest {manifest.digest[:12]}", "")
    yield from lay_out([show_row(newest, dict(zip(frame.columns, row, strict=True))) for row in frame.data])
    yield ""
    yield from _list_named("verdict", verdict)
    if answer.levels and manifest.interval is not UNSET:
        read = f"from the {manifest.interval.lookback_bars} bars that end in a row"
        yield from _list_named("interval", [f"around {manifest.interval.center}, not around the forecast; {read}"])
    # the warnings of an answer hold the verdict as well
    yield from _list_named("warning", [each for each in newest.warnings if each not in verdict])
    if newest.asked.prices is None:
        command = f"lockstep forecast {newest.asked.model} PRICES.csv"
        yield from _list_named("note", [f"the newest bar is the model's own; for a newer one run: {command}"])


def show_row(newest: Newest, cells: Mapping[str, Any]) -> dict[str, str]:
    """Return the cells of a forecast for people, by heading; of a return the closes that it stands for."""
    manifest, close = newest.bundle.manifest, cells["close"]
    shown = {"date": _show_date(cells["date"]), "close": show_price(close), "for": _show_date(cells["forecast_date"])}
    if manifest.target == RETURN:
        shown["naive"] = show_price(close * cells["naive"])
        shown["forecast"] = f"{show_price(cells['close_pred'])} ({show_move(cells['y_pred'] - 1.0)})"
    else:
        shown |= {"target": manifest.target, "naive": _show(cells["naive"]), "forecast": _show(cells["y_pred"])}
    for label in manifest.classes:
        if (name := PROBA_COLUMN.format(label)) in cells:
            shown[f"probability of {label}"] = show_percent(cells[name])
    for level in newest.answer.levels:
        bounds = (show_price(cells[name.format(level)]) for name in (LOWER_CLOSE, UPPER_CLOSE))
        shown[f"{level} % interval"] = " … ".join(bounds)
    return shown


def lay_out(rows: Sequence[Mapping[str, str]]) -> Iterator[str]:
    """Yield the headings and the rows of a table as aligned lines."""
    lines = [tuple(rows[0]), *(tuple(row.values()) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        yield GAP.join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()


def _list_named(name: str, sentences: Sequence[str]) -> Iterator[str]:
    """Yield sentences, the first of them behind their name."""
    for heading, sentence in zip((name, *[""] * len(sentences)), sentences, strict=False):
        yield f"{heading:<9} {sentence}"


def _show_date(date: str | None) -> str:
    return "beyond the calendar" if date is None else f"{datetime.date.fromisoformat(date):%a %Y-%m-%d}"


def _show(value: float | str) -> str:
    return value if isinstance(value, str) else show_value(value)
