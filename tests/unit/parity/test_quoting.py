import pytest

from lockstep.parity.compare import Comparison
from lockstep.parity.quoting import MAX_QUOTED, quote_text


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("2013-03-01, Zürich 東京", "2013-03-01, Zürich 東京"),
        ("\x1b[2J\x07", r"\x1b[2J\x07"),
        ("\x9b31m", r"\x9b31m"),
        ("parity\r\nparity verdict", r"parity\r\nparity verdict"),
        ("a\u2028b\u202ec", r"a\u2028b\u202ec"),
        ("\ud800", r"\ud800"),
        ("\U000e0041", r"\U000e0041"),
    ],
)
def test_what_cannot_be_seen_is_shown_as_an_escape(text: str, quoted: str) -> None:
    assert quote_text(text) == quoted
    assert quote_text(quoted) == quoted


@pytest.mark.parametrize("letter", ["a", "\x00"])
def test_a_text_without_end_is_cut_once(letter: str) -> None:
    quoted = quote_text(letter * 3_000_000)
    assert (len(quoted), quoted[-1]) == (MAX_QUOTED, "…")
    assert quote_text(quoted) == quoted


def test_a_finding_is_one_line_whatever_the_service_named() -> None:
    evil = "a\nparity verdict \x1b[2J"
    found = Comparison(1, missing=(evil,), unexpected=(evil,), repeated=(evil,), faults=(evil,))
    assert len(found.findings) == 4
    assert all(line.isprintable() for line in found.findings)
