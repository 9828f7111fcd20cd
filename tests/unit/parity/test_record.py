import msgspec

from lockstep.bundles.libraries import installed_libraries
from lockstep.bundles.series import SeriesBundle
from lockstep.parity.answers import Version
from lockstep.parity.client import ServiceClient
from lockstep.parity.compare import Comparison
from lockstep.parity.locate import Location
from lockstep.parity.nodes import Node
from lockstep.parity.record import Record
from lockstep.parity.recording import MAX_FINDINGS, record_run
from lockstep.parity.series import SeriesSubject
from lockstep.parity.suite import Result, conclude
from tests.unit.parity.conftest import QUICK, STARTED


def test_a_record_says_what_was_compared_where(good: Record, default_bundle: SeriesBundle) -> None:
    assert (good.verdict, good.exit_code, good.shortfall) == ("parity", 0, "")
    assert (good.bundle.digest, good.seed) == (default_bundle.manifest.digest, 7)
    assert (good.bundle.predictor, good.bundle.guarantees) == ("exact", {"prediction": "bits"})
    assert good.started == "2026-01-02T03:04:05+00:00"
    assert [check.name for check in good.checks] == [check.name for check in QUICK]
    assert good.local == good.service
    assert ("numpy", *[installed_libraries()["numpy"]] * 2) in good.sides
    assert good.summary == (
        f"4 checks, {good.compared} comparisons, prediction guaranteed to bits, 20 of the tree's 50 leaves reached"
    )
    assert good.compared == sum(check.compared for check in good.checks) > 2 * 2 * 961


def test_a_record_holds_every_evaluated_prediction_beside_the_served_one(
    good: Record, default_bundle: SeriesBundle
) -> None:
    evaluated = default_bundle.evaluation.y_pred.tolist()
    assert [each.evaluated for each in good.predictions] == evaluated
    assert [each.served for each in good.predictions] == evaluated


def test_latencies_are_ordered_and_of_every_request(good: Record) -> None:
    assert [each.path for each in good.latency] == ["/forecast", "/v1/backtest", "/v1/forecast", "/version"]
    assert all(0 < each.p50_ms <= each.p90_ms <= each.p99_ms <= each.max_ms for each in good.latency)
    identity = good.checks[-1]
    assert sum(each.requests for each in good.latency) == identity.compared + 1


def test_a_record_of_differences_counts_what_it_does_not_list(bad: Record) -> None:
    batch = bad.checks[0]
    assert (bad.verdict, bad.exit_code, batch.verdict, batch.equality) == (
        "diverged",
        1,
        "diverged",
        "tolerance<=1e-09",
    )
    assert len(batch.findings) == MAX_FINDINGS < batch.n_findings
    assert {each.served for each in bad.predictions}.isdisjoint({each.evaluated for each in bad.predictions})


def test_a_record_is_read_back_from_its_json(good: Record, bad: Record) -> None:
    for record in (good, bad):
        assert msgspec.json.decode(msgspec.json.encode(record), type=Record) == record


class ToldClient(ServiceClient):
    def get_version(self) -> Version:
        return Version([], {}, {})


def test_located_rows_are_added_up_over_checks(default_bundle: SeriesBundle, good: Record) -> None:
    counts = {"features": {"rsi": 2}, "scaled": {"rsi": 2}, "leaf": {}, "prediction": {}}
    node = Node(0, 3, "rsi*atr", 7)
    location = Location("d", "features", "rsi", 1.0, 2.0, node, counts, "curl")
    results = [Result(check, Comparison(1, faults=("x",)), 0.1, location) for check in QUICK[:2]]
    subject = SeriesSubject(ToldClient("http://nowhere"), default_bundle, seed=1)
    record = record_run(subject, conclude(subject, results), Version([], {}, {}), STARTED)
    assert record.differing["features"] == {"rsi": 4}
    assert (record.verdict, record.latency, record.predictions) == ("diverged", [], [])
    assert good.local.machine is not None
    assert ("cpu", good.local.machine.cpu, "–") in record.sides
