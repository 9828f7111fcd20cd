import pytest

from qa.bench.apps import BASELINE, BLOG, ECHO, SERVICE, TABLE, TABLE_BLOG
from qa.bench.baseline import SHORT
from qa.bench.commands import HELP, NEW_KEY, PARITY
from qa.bench.figures import PROTOCOLS, Figure, judge
from qa.bench.footprint import Memory
from qa.bench.growth import Growth
from qa.bench.levels import BARE, DEFAULT
from qa.bench.load import Sample
from qa.bench.measurements import Measurements
from qa.bench.page import BEGIN, END, PAGE, README, describe_run
from qa.bench.plan import CONNECTIONS, PROTOCOL_ROWS, ROWS, TABLE_ROWS

OF_ECHO, OF_BASELINE, OF_BLOG = 1000.0, 800.0, 50.0
RATES = {ECHO: [OF_ECHO], BLOG: [OF_BLOG], BASELINE: [OF_BASELINE], SERVICE: [2.0 * OF_BASELINE]}


def make_measurements(rates: dict[str, list[float]], bundles_ms: dict[int, float] | None = None) -> Measurements:
    """A run with these requests a second by side, the same for every number of rows and of connections."""
    protocols = dict.fromkeys((side for sides in PROTOCOLS for side in sides), PROTOCOL_ROWS)
    by_side = {**dict.fromkeys(rates, ROWS), TABLE: TABLE_ROWS, TABLE_BLOG: TABLE_ROWS, **protocols}
    samples = {
        (side, rows, connections): [Sample(rate, 1.0, 2.0, 50.0, 100) for rate in rates.get(side, [OF_BLOG])]
        for side, sizes in by_side.items()
        for rows in sizes
        for connections in CONNECTIONS
    }
    growth = Growth({1: 1.0, 10: 2.0}, {1: 1.0, 10: 2.0}, bundles_ms or {1: 1.0, 200: 1.0}, 10.0)
    return Measurements(
        {side: f"({side})" for side in by_side},
        samples,
        Memory(90.0, 0),
        {ECHO: 0.5, SERVICE: 0.5},
        {HELP: 0.1, NEW_KEY: 0.1, PARITY: 0.5},
        {rows: {1: 400.0, 2: 800.0} for rows in ROWS},
        growth,
        {rows: {1_000: 1.0} for rows in ROWS},
        {rows: {BARE: 1.0, DEFAULT: 1.1} for rows in ROWS},
        {"seconds": 1.0, "peak_mb": 1.0},
    )


def judge_rounds(ratios: list[float]) -> list[Figure]:
    """The figures against the baseline of a run whose rounds had these ratios."""
    baseline = [OF_BASELINE * place for place in range(1, len(ratios) + 1)]  # the machine is another in each round
    service = [ratio * rate for ratio, rate in zip(ratios, baseline, strict=True)]
    measured = make_measurements({**RATES, BASELINE: baseline, SERVICE: service})
    return [figure for figure in judge(measured) if figure.name.endswith(SHORT)]


@pytest.mark.parametrize(
    ("ratios", "met"),
    [
        ([2.2, 2.2, 2.2], [True, True]),
        ([0.5, 2.0, 2.0, 2.0, 2.0, 9.0], [False, True]),
        ([1.7, 1.7, 1.7, 1.7, 3.0, 3.0], [False, False]),
    ],
    ids=str,
)
def test_the_speed_is_judged_by_the_median_of_the_rounds_own_ratios(ratios: list[float], met: list[bool]) -> None:
    figures = judge_rounds(ratios)
    assert [figure.name.split(":")[0] for figure in figures] == ["1 row", "961 rows"]
    assert [figure.met for figure in figures] == met


@pytest.mark.parametrize(("most_ms", "met"), [(1.1, True), (1.2, False)])
def test_a_request_that_grows_with_the_bundles_misses_its_target(most_ms: float, met: bool) -> None:
    measured = make_measurements(RATES, bundles_ms={1: 1.0, 50: 1.0, 200: most_ms})
    [figure] = [figure for figure in judge(measured) if "bundles" in figure.name]
    assert figure.met is met


def test_the_page_lists_every_figure_and_marks_a_missed_target() -> None:
    measured = make_measurements(RATES)
    figures = judge(measured)
    lines = list(describe_run(measured, figures))
    for figure in figures:
        [line] = [line for line in lines if line.startswith(f"| {figure.name} |")]
        assert line.endswith("| yes |" if figure.met else "| **no** |")
    assert {figure.met for figure in figures} == {True, False}


def test_the_readme_quotes_the_page_as_it_is() -> None:
    quoted = README.read_text().partition(BEGIN)[2].partition(END)[0].split("\n")
    page = PAGE.read_text().split("\n")
    assert len(quoted) > 8
    assert [line for line in quoted if line not in page] == []
