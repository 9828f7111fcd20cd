import pytest

from qa.bench.apps import BASELINE, BLOG, ECHO, SERVICE
from qa.bench.baseline import SHORT
from qa.bench.figures import Figure, judge
from qa.bench.footprint import Memory
from qa.bench.load import Sample
from qa.bench.measurements import Measurements
from qa.bench.plan import CONNECTIONS, ROWS

OF_ECHO, OF_BASELINE, OF_BLOG = 1000.0, 800.0, 50.0


def judge_rounds(ratios: list[float]) -> list[Figure]:
    """The figures against the baseline of a run whose rounds had these ratios."""
    baseline = [OF_BASELINE * place for place in range(1, len(ratios) + 1)]  # the machine is another in each round
    service = [ratio * rate for ratio, rate in zip(ratios, baseline, strict=True)]
    rates = {ECHO: [OF_ECHO], BLOG: [OF_BLOG], BASELINE: baseline, SERVICE: service}
    samples = {
        (side, rows, connections): [Sample(rate, 1.0, 2.0, 50.0, 100) for rate in values]
        for side, values in rates.items()
        for rows in ROWS
        for connections in CONNECTIONS
    }
    history = {rows: {1_000: 1.0} for rows in ROWS}
    million = {"seconds": 1.0, "peak_mb": 1.0}
    measured = Measurements(samples, Memory(100.0, 0), {ECHO: 1.0, SERVICE: 1.0}, history, million)
    return [figure for figure in judge(measured) if figure.name.endswith(SHORT)]


@pytest.mark.parametrize(
    ("ratios", "met"),
    [
        ([0.97, 0.97, 0.97], True),
        ([0.5, 0.98, 0.98, 0.98, 0.98, 2.0], True),
        ([0.96, 0.96, 0.96, 0.96, 3.0, 3.0], False),
    ],
    ids=str,
)
def test_the_speed_is_judged_by_the_median_of_the_rounds_own_ratios(ratios: list[float], met: bool) -> None:
    figures = judge_rounds(ratios)
    assert [figure.name.split(":")[0] for figure in figures] == ["1 row", "961 rows"]
    assert [figure.met for figure in figures] == [met, met]
