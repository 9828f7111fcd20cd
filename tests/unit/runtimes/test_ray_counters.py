"""The counts of a replica, handed to something else than Ray."""

from lockstep.runtimes.ray.counters import ExportedCounters
from lockstep.scoring.exposition import Family

REQUESTS = Family("requests_total", "counter", "Requests.", ("route", "status"))
DURATION = Family("duration_seconds", "histogram", "Durations.", ("route",), (1.0, 2.0))
Handed = list[tuple[str, float, dict[str, str]]]


def make_counters() -> tuple[ExportedCounters, Handed]:
    handed: Handed = []
    exports = {
        REQUESTS.name: (REQUESTS, lambda number, labels: handed.append((REQUESTS.name, number, labels))),
        DURATION.name: (DURATION, lambda number, labels: handed.append((DURATION.name, number, labels))),
    }
    return ExportedCounters(exports, "r1"), handed


def test_a_number_is_counted_here_and_handed_over_with_its_labels() -> None:
    counters, handed = make_counters()
    counters.add((REQUESTS.name, "/v1", "200"))
    counters.add((REQUESTS.name, "/v1", "200"), 2.0)
    assert counters.read() == {(REQUESTS.name, "/v1", "200"): [3.0]}
    labels = {"route": "/v1", "status": "200"}
    assert handed == [(REQUESTS.name, 1.0, labels), (REQUESTS.name, 2.0, labels)]


def test_a_value_of_a_histogram_is_handed_over_as_it_is() -> None:
    counters, handed = make_counters()
    counters.observe((DURATION.name, "/v1"), 1.5, DURATION.bounds)
    assert counters.read() == {(DURATION.name, "/v1"): [0.0, 1.0, 0.0, 1.5]}
    assert handed == [(DURATION.name, 1.5, {"route": "/v1"})]


def test_nothing_is_not_handed_over() -> None:
    counters, handed = make_counters()
    counters.add((REQUESTS.name, "/v1", "200"), 0.0)
    assert handed == []


def test_whoever_changes_the_labels_changes_only_their_own() -> None:
    counters, handed = make_counters()
    counters.add((REQUESTS.name, "/v1", "200"))
    handed[0][2].clear()
    counters.add((REQUESTS.name, "/v1", "200"))
    assert handed[1][2] == {"route": "/v1", "status": "200"}


def test_the_counts_say_whose_they_are() -> None:
    assert make_counters()[0].origin == (("replica", "r1"),)
