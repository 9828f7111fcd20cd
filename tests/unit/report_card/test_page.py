"""The page shows what the JSON holds: every sentence, every cell, every mark; whatever the model is."""

import html
import re
from html.parser import HTMLParser
from xml.etree.ElementTree import tostring

import msgspec
import numpy as np
import pytest

from lockstep.bundles.series import SeriesBundle
from lockstep.bundles.shown_scores import COLUMNS
from lockstep.report_card.card import Against, Fact, ReportCard
from lockstep.report_card.page import read_style, render_page
from lockstep.report_card.point_drawings import HEIGHT, draw_against
from lockstep.report_card.shown import MEANINGS

NBSP = "\N{NO-BREAK SPACE}"
HOSTILE = "<script>alert(1)</script> & \"quoted\" 'too'"
MIN_CONTRAST = 4.5
"""Of text, after WCAG 2.2, level AA."""
BOUNDS = (0.7, 0.75)
"""Of the coverage that chance allows; that of the default model is 0.801."""
VOID = {"meta", "link"}


class Nesting(HTMLParser):
    """The tags of a page, each closed by its own end, and its texts."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.texts.append(data)


def read_texts(page: str) -> str:
    parser = Nesting()
    parser.feed(page)
    assert parser.open == []
    return "\n".join(parser.texts).replace(NBSP, " ")


def read_table(page: str, first: str) -> list[list[str]]:
    """Return the cells of the table whose first heading or row has this name."""
    for table in re.findall(r"<table>(.*?)</table>", page, re.DOTALL):
        rows = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in re.findall(r"<tr>(.*?)</tr>", table)]
        if first in (rows[0][0], rows[-1][0], rows[1][0]):
            return [[html.unescape(re.sub(r"<small>.*", "", cell)).replace(NBSP, " ") for cell in row] for row in rows]
    raise AssertionError(f"no table of {first}")


def percent(value: float, digits: int) -> str:
    return f"{100 * value:,.{digits}f} %".replace("-", "−")


def count_marks(page: str, cls: str) -> int:
    [drawn] = re.findall(rf'<path d="([^"]*)" class="marks {cls}">', page)
    return drawn.count("M")


def test_the_page_is_made_of_the_json_alone(card: ReportCard, page: str) -> None:
    assert render_page(msgspec.json.decode(msgspec.json.encode(card), type=ReportCard)) == page


def test_every_sentence_and_every_fact_of_the_card_stands_in_the_page(card: ReportCard, page: str) -> None:
    texts = read_texts(page)
    charts = [card.coverage, card.errors, card.fan, card.against, card.widths]
    said = [chart.says for chart in charts if chart] + [card.verdict.tested or "", *card.missing]
    assert len(said) >= 6
    said += [card.verdict.says] if card.verdict.says else []
    for sentence in (*said, *(fact.value for fact in card.facts)):
        assert sentence in texts


def test_the_t_of_a_verdict_is_explained_where_there_is_one(card: ReportCard, page: str) -> None:
    has_t = "Diebold–Mariano t" in (card.verdict.says or "")
    assert has_t == ("The Diebold–Mariano t is the mean difference of the squared errors" in page)


def test_the_table_of_scores_shows_the_scores(card: ReportCard, page: str) -> None:
    rows = read_table(page, "score")
    assert rows[0] == ["score", "model", "no change", "mean of learning returns"]
    shown = {row[0]: row[1:] for row in rows[1:]}
    scores = {score.name: list(score.values.values()) for score in card.scores}
    assert len(shown) == len(scores)
    assert shown["MAE"] == [percent(value or 0.0, 3) for value in scores["mae"]]
    model, no_change, mean = scores["directional_accuracy"]
    assert no_change is None
    assert shown["direction"] == [percent(model or 0.0, 1), "–", percent(mean or 0.0, 1)]
    assert shown["R²"] == [f"{value:.3f}".replace("-", "−") for value in scores["r2"]]


def test_every_score_has_a_meaning() -> None:
    assert set(MEANINGS) == set(COLUMNS)


def test_the_table_of_levels_shows_the_scores_of_the_manifest(
    default_bundle: SeriesBundle, card: ReportCard, page: str
) -> None:
    assert card.intervals
    assert card.intervals == default_bundle.manifest.interval.scores  # type: ignore[union-attr] # it has an interval
    rows = {row[0]: row[1:] for row in read_table(page, "Came true inside")}
    assert rows[""] == ["50 %", "80 %", "90 %", "95 %"]
    assert rows["Came true inside"] == [percent(each.coverage, 1) for each in card.intervals.levels]
    assert rows["Winkler score"] == [percent(each.winkler_score, 3) for each in card.intervals.levels]
    assert rows["Inside, large scales"] == [percent(each.terciles[2], 1) for each in card.intervals.levels]
    assert rows["Half width, on average"] == [f"± {percent(each.mean_width / 2, 2)}" for each in card.intervals.levels]


def test_the_years_and_the_newest_intervals_stand_behind_their_charts(card: ReportCard, page: str) -> None:
    assert card.fan
    years = read_table(page, "year")[1:]
    assert years == [
        [each.year, f"{each.rows:,}", percent(each.model, 3), percent(each.naive, 3), percent(each.coverage or 0.0, 1)]
        for each in card.years
    ]
    [bounds] = [each for each in card.fan.bounds if each.level == 80]
    newest, before, *_ = read_table(page, "date")[1:]
    assert newest[:4] == [card.fan.dates[-1], f"{bounds.lo[-1]:.2f}", f"{bounds.hi[-1]:.2f}", "–"]
    assert before[3] == f"{card.fan.close[-2]:.2f}"
    assert sum(row[-1] == "outside" for row in read_table(page, "date")[1:]) == len(card.fan.misses)


def test_charts_hold_as_many_marks_as_rows(card: ReportCard, page: str) -> None:
    assert card.fan
    assert card.against
    assert card.widths
    assert card.coverage
    assert card.errors
    missed = sum(move > half for move, half in zip(card.widths.move, card.widths.half_width, strict=True))
    against, widths = re.findall(r'<path d="([^"]*)" class="marks rows">', page)
    assert against.count("M") == len(card.against.realised) == card.rows == 960
    assert widths.count("M") == card.rows - missed
    assert count_marks(page, "forecast") == len(card.fan.dates) == 121
    of_fan, of_widths = re.findall(r'<path d="([^"]*)" class="marks miss">', page)
    assert (of_fan.count("M"), of_widths.count("M")) == (len(card.fan.misses), missed)
    rolling, model = re.findall(r'<path d="([^"]*)" class="line model">', page)
    assert rolling.count("L") + 1 == len(card.coverage.shares) == card.rows - 249
    assert model.count("L") + 1 == card.rows


def test_marks_lie_where_their_numbers_say(card: ReportCard, page: str) -> None:
    assert card.against
    [drawn, _] = re.findall(r'<path d="([^"]*)" class="marks rows">', page)
    places = np.array([[float(each) for each in mark.split("h")[0].split()] for mark in drawn.split("M")[1:]])
    for axis, values in enumerate((card.against.realised, card.against.predicted)):
        slope, start = np.polyfit(values, places[:, axis], 1)
        assert np.abs(np.array(values) * slope + start - places[:, axis]).max() < 0.1  # a place has one decimal
        assert (slope > 0) == (axis == 0)


def test_each_chart_is_described_by_the_sentence_above_it(page: str) -> None:
    labels = re.findall(r'role="img" aria-labelledby="(\w+)"', page)
    assert labels == ["coverage", "errors", "fan", "against", "widths"]
    for label in labels:
        assert page.count(f'id="{label}"') == 1


def test_the_page_needs_no_other_file_and_no_script(page: str) -> None:
    assert page.count("<style>") == 1
    assert f"<style>{read_style()}</style>" in page
    assert not re.search(r"<script|<img|<iframe|\sstyle=|\son\w+=|@import|url\(|https?:", page)
    assert re.findall(r"<link[^>]*href=\"([^\"]*)\"", page) == ["data:,"]
    assert len(page.encode()) < 250_000


def test_hostile_texts_are_shown_and_not_run(card: ReportCard) -> None:
    assert card.errors
    hostile = msgspec.structs.replace(
        card,
        model=HOSTILE,
        title=HOSTILE,
        facts=[Fact(HOSTILE, HOSTILE)],
        missing=[HOSTILE],
        verdict=msgspec.structs.replace(card.verdict, says=HOSTILE),
        errors=msgspec.structs.replace(card.errors, naive=HOSTILE, says=HOSTILE),
    )
    written = render_page(hostile)
    assert "<script" not in written
    assert read_texts(written).count(HOSTILE) >= 9


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_the_paper(scheme: str) -> None:
    light, dark = re.findall(r":root \{(.*?)\}", read_style(), re.DOTALL)
    colors = dict(re.findall(r"--(\w+): (#\w+)", light if scheme == "light" else dark))
    for name in ("ink", "muted", "accent", "miss"):
        assert contrast(colors[name], colors["paper"]) >= MIN_CONTRAST, name


def contrast(first: str, second: str) -> float:
    """Return the contrast ratio of WCAG 2.2 of two colors."""
    high, low = sorted((luminance(first), luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def luminance(color: str) -> float:
    digits = color[1:] if len(color) == 7 else "".join(2 * digit for digit in color[1:])
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_the_band_around_the_diagonal_ends_where_the_plot_ends() -> None:
    drawn = tostring(draw_against(Against("", 0.0, [0.0, 1.0], [0.0, 1.0], 0.5, 80), "target", "x"), encoding="unicode")
    [path] = re.findall(r'<path d="([^"]*)" class="area fan80"', drawn)
    heights = [float(y) for y in re.findall(r" ([-\d.]+)", path)]
    assert (min(heights), max(heights)) == (0.0, HEIGHT)


def test_a_coverage_beyond_chance_is_called_so(card: ReportCard, page: str) -> None:
    assert card.intervals
    levels = [msgspec.structs.replace(each, chance=BOUNDS) for each in card.intervals.levels]
    beyond = render_page(
        msgspec.structs.replace(card, intervals=msgspec.structs.replace(card.intervals, levels=levels))
    )
    assert "outside: chance allows" in beyond
    assert beyond.count("outside of chance:") == len(levels)
    assert "outside" not in page.split("chance allows", maxsplit=1)[0][-20:]
    assert "outside of chance:" not in page


def test_no_chart_promises_a_level(page: str) -> None:
    assert f"80{NBSP}% is the aim" in page
    assert "% promised" not in page
