"""The console: what one version of a model forecasts, what that is worth, and what is running."""

from dataclasses import dataclass
from xml.etree.ElementTree import Element

import msgspec
from flask import Response, g, request
from markupsafe import Markup

from lockstep.bundles.series import SeriesBundle
from lockstep.bundles.table import TableBundle
from lockstep.errors import LockstepError
from lockstep.report_card.card import ReportCard
from lockstep.report_card.figures import choose_figures, list_figures
from lockstep.report_card.notes import explain_test
from lockstep.report_card.tables import list_scores
from lockstep.scoring.errors import describe
from lockstep.scoring.score import Answer
from lockstep.web.console.chart import SeriesChart, chart_series, draw_series
from lockstep.web.console.chart_tables import list_past, list_sessions
from lockstep.web.console.choosing import Choice, choose
from lockstep.web.console.columns import list_columns
from lockstep.web.console.outlook import forecast_stored, list_ahead
from lockstep.web.console.running import list_running, show_self_check
from lockstep.web.console.showing import show_locked, show_page
from lockstep.web.console.tryout import make_tryout
from lockstep.web.console.words import tell_outlook
from lockstep.web.hooks import knows_key
from lockstep.web.site import Site

KEY_SCORES = ("mae", "r2", "directional_accuracy", "rmae", "accuracy", "macro_f1", "log_loss", "brier")
"""Those that the page shows; the report card has all."""
N_FIGURES = 2
"""Those of the report card that stand first; the self-check is beside them."""


@dataclass(frozen=True)
class Shown:
    """What the page shows of a version: sentences, the most telling first; a chart; figures and tables.

    `fault` says why the stored bars give no forecast.
    """

    choice: Choice
    card: ReportCard
    told: list[str]
    fault: str | None
    chart: SeriesChart | None
    figures: Element
    scores: Element
    columns: list[list[str]]
    running: dict[str, str]


def show_index(site: Site) -> Response:
    """Return the page of the version that the address names; of a service with keys, without one, its names alone.

    Raises `UnknownModel`, `UnknownSymbol` or `UnprovenSeries`, and `RequestError` for a wrong key.
    """
    registry = site.service.registry
    if not knows_key(site):
        return show_locked(site)
    choice = choose(registry, request.args)
    # the headers of the answer and the log name what is shown, not the default model
    g.record.served = choice.answers
    answer, fault = forecast_newest(site, choice)
    shown = describe_choice(site, choice, answer, fault)
    reasons = [*registry.faults, *registry.broken, *registry.list_failed()]
    tryout = make_tryout(site.service, choice.answers, site.exemplify, request.host_url.rstrip("/"))
    drawn = {"draw": draw_series, "list_past": list_past, "list_sessions": list_sessions}
    versions = Markup(site.versions)  # noqa: S704 -- whatever it holds was escaped where it was written
    told = {"explained": explain_test(shown.card), "reasons": reasons, "versions": versions}
    made = {"shown": shown, "tryout": tryout, **told, **drawn}
    return show_page(site, "index.html", made, choice)


def forecast_newest(site: Site, choice: Choice) -> tuple[Answer | None, str | None]:
    """Return the forecast of the stored bars of a series, None for a table; or why there is none."""
    if not isinstance(choice.answers.bundle, SeriesBundle):
        return None, None
    try:
        return forecast_stored(site.service.registry, choice), None
    except LockstepError as error:
        return None, describe(error).detail


def describe_choice(site: Site, choice: Choice, answer: Answer | None, fault: str | None) -> Shown:
    """Return what the page shows; `answer` is the forecast of the stored bars, if there is one."""
    bundle, version = choice.answers.bundle, choice.version
    card = site.write_card(version.name, version.version, choice.symbol).card
    ahead = () if answer is None else list_ahead(answer)
    chart = chart_series(bundle, card, ahead) if isinstance(bundle, SeriesBundle) else None
    told = tell_outlook(bundle.manifest, ahead) if isinstance(bundle, SeriesBundle) and ahead else ()
    worth = " ".join(each for each in (card.verdict.says, card.verdict.tested) if each)
    figures = [*choose_figures(card)[:N_FIGURES], show_self_check(choice)]
    return Shown(
        choice,
        card,
        [*told, worth],
        fault,
        chart,
        list_figures(figures),
        list_scores(msgspec.structs.replace(card, scores=[each for each in card.scores if each.name in KEY_SCORES])),
        list_columns(bundle) if isinstance(bundle, TableBundle) else [],
        list_running(site, choice),
    )
