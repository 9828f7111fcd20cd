import io
import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import msgspec
import pytest
from rich.console import Console

from lockstep.parity.checks import CHECKS
from lockstep.parity.compare import Comparison
from lockstep.parity.locate import Location
from lockstep.parity.nodes import Node
from lockstep.parity.record import CheckEntry, Prediction, Record
from lockstep.parity.reports.console import ConsoleReport
from lockstep.parity.reports.html import SIZE, count_pairs, lay_out_differences, plot_predictions, render_html
from lockstep.parity.reports.junit import render_junit
from lockstep.parity.reports.markdown import render_markdown
from lockstep.parity.suite import Result

COUNTS = {"features": {"rsi": 3}, "scaled": {"rsi": 3}, "leaf": {"": 1}, "prediction": {"": 1}}
NODE = Node(0, 17, "rsi*atr", 5)
LOCATION = Location("2013-03-01", "features", "rsi", 1.0, 2.0, NODE, COUNTS, "curl -s http://service")
EVIL = "<script>alert(1)</script> | `x`\x00"


def with_check(record: Record, **changed: object) -> Record:
    first: CheckEntry = msgspec.structs.replace(record.checks[0], **changed)
    return msgspec.structs.replace(record, checks=[first, *record.checks[1:]])


def run_console(*results: Result, record: Record | None = None) -> str:
    text = io.StringIO()
    shown = ConsoleReport(Console(file=text, width=200, highlight=False), len(results))
    for result in results:
        shown.start(result.check)
        shown.finish(result)
    if record:
        shown.conclude(record)
    return text.getvalue()


def test_the_console_shows_each_check_and_the_verdict(good: Record) -> None:
    lines = run_console(Result(CHECKS[0], Comparison(8), 0.5), record=good).splitlines()
    assert lines == ["parity         repeat      8 compared in 0.50 s", f"parity         verdict     {good.summary}"]


def test_the_console_shows_five_findings_and_where_it_broke() -> None:
    found = Comparison(9, faults=tuple(f"fault {number}" for number in range(8)))
    text = run_console(Result(CHECKS[1], found, 0.5, LOCATION))
    assert text.startswith("DIVERGED       batch ")
    assert "fault 4\n    … and 3 more\n    first differs at 2013-03-01, stage features, feature rsi" in text
    assert "    curl -s http://service\n" in text


def test_the_console_shows_what_a_service_says_as_text() -> None:
    found = Comparison(9, faults=("[green]parity[/] \x1b[2J\x1b]0;title\x07 [/]",))
    text = run_console(Result(CHECKS[1], found, 0.5))
    assert r"[green]parity[/] \x1b[2J\x1b]0;title\x07 [/]" in text
    assert "\x1b" not in text


def test_the_console_says_what_is_too_little(good: Record) -> None:
    assert "only 0 compared, at least 30 are needed" in run_console(Result(CHECKS[1], Comparison(0), 0.1))
    short = msgspec.structs.replace(good, verdict="inconclusive", shortfall="no check ran")
    assert run_console(record=short).endswith("no check ran\n")


def junit_kinds(record: Record) -> dict[str | None, str]:
    suite = ElementTree.fromstring(render_junit(record))  # noqa: S314 # our own
    assert int(suite.get("tests", 0)) == len(suite.findall("testcase"))
    for kind in ("failure", "error"):
        assert int(suite.get(f"{kind}s", -1)) == len(suite.findall(f"testcase/{kind}"))
    return {case.get("name"): case[0].tag if len(case) else "passed" for case in suite.findall("testcase")}


def test_junit_is_red_where_the_run_is(good: Record, bad: Record) -> None:
    assert set(junit_kinds(good).values()) == {"passed"}
    kinds = junit_kinds(bad)
    assert kinds == {"batch": "failure", "shuffled": "failure", "errors": "passed", "identity": "passed",
                     "verdict": "failure"}  # fmt: skip
    short = msgspec.structs.replace(good, verdict="inconclusive", shortfall="too few leaves")
    assert junit_kinds(short)["verdict"] == "error"
    assert "too few leaves" in render_junit(short)


def test_junit_holds_findings_location_and_what_was_left_out(bad: Record) -> None:
    text = render_junit(with_check(bad, location=LOCATION))
    assert "curl -s http://service" in text
    assert f"… and {bad.checks[0].n_findings - 100} more" in text


def test_markdown_tells_verdict_checks_findings_and_sides(good: Record, bad: Record) -> None:
    text = render_markdown(good)
    assert text.startswith("## lockstep parity: parity\n")
    assert "| batch | parity | 1922 | bits |" in text
    assert "prediction guaranteed to bits" in text
    assert "<pre>" not in text
    assert "| cpu |" in text
    assert "curl -s http://service" in render_markdown(with_check(bad, location=LOCATION))


@pytest.mark.parametrize("render", [render_junit, render_markdown, render_html])
def test_what_a_service_says_is_only_text(render: object, bad: Record) -> None:
    libraries = {**bad.service.libraries, "numpy": EVIL}
    service = msgspec.structs.replace(bad.service, libraries=libraries)
    evil = with_check(bad, findings=[EVIL], n_findings=1)
    text = render(msgspec.structs.replace(evil, service=service, service_commit=EVIL))  # type: ignore[operator] # a renderer
    assert "<script>" not in text
    assert "&lt;script&gt;" in text
    if render is render_junit:
        ElementTree.fromstring(text)  # noqa: S314 # our own
    if render is render_markdown:
        row = next(line for line in text.splitlines() if line.startswith("| numpy"))
        assert row.count("|") == 4


class Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.loaded += [value or "" for name, value in attrs if name in ("src", "href", "srcset")]
        assert tag != "script"


def test_the_page_needs_nothing_beside_it(bad: Record) -> None:
    page = render_html(with_check(bad, location=LOCATION))
    links = Links()
    links.feed(page)
    assert links.loaded == ["data:,"]
    assert "url(" not in page
    assert "curl -s http://service" in page
    assert f"<summary>{bad.checks[0].n_findings} findings</summary>" in page


def test_the_page_shows_the_pairs_and_the_counts(good: Record) -> None:
    page = render_html(good)
    assert '<h1 class="parity">parity</h1>' in page
    assert page.count("<circle") == 20
    assert page.count('<td class="equal"') == 17 + 1 + 4 + 17 + 1 + 1
    assert "The check batch did not run" in render_html(msgspec.structs.replace(good, predictions=[]))


def test_equal_pairs_lie_on_the_diagonal_and_others_are_marked() -> None:
    scatter = plot_predictions([Prediction("a", 1.0, 1.0), Prediction("b", 1.0, 1.0), Prediction("c", 3.0, 2.0),
                                Prediction("d", 2.0, None)])  # fmt: skip
    same, other = scatter.points
    assert (same.x, same.y, same.rows, same.differs) == (0.0, SIZE, 2, False)
    assert (other.x, other.y, other.rows, other.differs) == (SIZE, SIZE / 2, 1, True)
    assert scatter.unserved == 1
    assert plot_predictions([]).points == []


def test_differences_are_laid_out_by_stage_and_feature(good: Record) -> None:
    record = msgspec.structs.replace(good, differing=COUNTS)
    (names, by_feature), (unnamed, single) = lay_out_differences(record)
    assert (names, unnamed) == (record.columns["features"], [""])
    assert by_feature == [(stage, [3 if name == "rsi" else 0 for name in names]) for stage in ("features", "scaled")]
    assert single == [("leaf", [1]), ("prediction", [1])]
    assert len(re.findall('<td class="differs"', render_html(record))) == 4


LABELS = [
    Prediction("a", "up", "up"),
    Prediction("b", "up", "up"),
    Prediction("c", "down", "up"),
    Prediction("d", 1, None),
]


def test_labels_are_counted_in_pairs_and_numbers_are_not() -> None:
    pairs = [(pair.evaluated, pair.served, pair.rows, pair.differs) for pair in count_pairs(LABELS)]
    assert pairs == [("up", "up", 2, False), ("down", "up", 1, True), (1, None, 1, True)]
    assert count_pairs([Prediction("a", 1.0, 2.0)]) == []


def test_the_page_of_a_classifier_lists_pairs_of_labels_instead_of_a_plot(good: Record) -> None:
    page = render_html(msgspec.structs.replace(good, predictions=LABELS))
    assert "<svg" not in page
    assert '<tr class="word-diverged"><td>down</td><td>up</td>' in page


def test_every_report_says_what_is_guaranteed_and_what_predicts(good: Record) -> None:
    bundle = msgspec.structs.replace(
        good.bundle, predictor="scikit-learn", guarantees={"proba": "tolerance 1e-12", "prediction": "labels"}
    )
    record = msgspec.structs.replace(good, bundle=bundle)
    for text in (run_console(record=record), render_markdown(record), render_junit(record), render_html(record)):
        assert "proba guaranteed to tolerance 1e-12, prediction guaranteed to labels" in text
        assert "answered by scikit-learn" in text
    assert "<td>proba</td><td>tolerance 1e-12</td>" in render_html(record)
    assert 'name="guarantee of prediction" value="labels"' in render_junit(record)


def test_of_a_wide_stage_only_the_columns_that_differ_are_shown(good: Record) -> None:
    names = [f"tree {tree}" for tree in range(100)]
    columns, differing = {"leaves": names, "prediction": []}, {"leaves": {"tree 7": 3}, "prediction": {"": 1}}
    record = msgspec.structs.replace(good, columns=columns, differing=differing)
    assert lay_out_differences(record) == [(["tree 7"], [("leaves", [3])]), ([""], [("prediction", [1])])]
