from prometheus_client.parser import text_string_to_metric_families

from lockstep.scoring.exposition import Family, Sample, write_families

GAUGE = Family("lockstep_room", "gauge", "A room.", ("name", "symbol"))
HISTOGRAM = Family("lockstep_seconds", "histogram", "Seconds.", ("route",), (0.5, 1.0))


def test_what_another_wrote_stays_inside_its_label() -> None:
    hostile = 'x"} 1\nlockstep_ready 0\\\x1b[2J\u202e'
    text = write_families([(GAUGE, [(("a", hostile), [1.0])])]).decode()
    assert [line.split("{")[0] for line in text.splitlines()] == [
        "# HELP lockstep_room A room.",
        "# TYPE lockstep_room gauge",
        "lockstep_room",
    ]
    assert text.isascii()
    assert text.replace("\n", "").isprintable()
    [family] = text_string_to_metric_families(text)
    [sample] = family.samples
    assert sample.labels["symbol"] == 'x"} 1\nlockstep_ready 0\\\\x1b[2J\\u202e'


def test_a_histogram_is_written_as_prometheus_reads_it() -> None:
    text = write_families([(HISTOGRAM, [(("/a",), [1.0, 2.0, 3.0, 9.5])])]).decode()
    [family] = text_string_to_metric_families(text)
    assert [(sample.name, sample.labels.get("le"), sample.value) for sample in family.samples] == [
        ("lockstep_seconds_bucket", "0.5", 1.0),
        ("lockstep_seconds_bucket", "1.0", 3.0),
        ("lockstep_seconds_bucket", "+Inf", 6.0),
        ("lockstep_seconds_count", None, 6.0),
        ("lockstep_seconds_sum", None, 9.5),
    ]


def test_every_sample_says_whose_it_is_if_that_is_told() -> None:
    gauge: tuple[Family, list[Sample]] = (GAUGE, [(("a", "b"), [1.0])])
    histogram: tuple[Family, list[Sample]] = (HISTOGRAM, [(("/a",), [1.0, 2.0, 3.0, 9.5])])
    text = write_families([gauge, histogram], (("replica", "r1"),)).decode()
    samples = [line for line in text.splitlines() if not line.startswith("#")]
    assert len(samples) == 6
    assert all('replica="r1"' in sample for sample in samples)
