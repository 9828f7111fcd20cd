import re

import pytest
from scipy import stats

from lockstep.parity.split.shares import (
    ANSWERS_OF_SMALLEST,
    ERROR,
    SILENCE,
    BadSplit,
    bound_count,
    count_asks,
    count_tries,
    parse_weights,
    share_out,
)
from tests.conftest import ROOT

PARITY_PAGE = ROOT / "docs" / "parity-reference.md"
SHARES = (0.01, 0.05, 0.1, 0.25, 0.5)
FOUND = 0.999
"""How likely docs/parity-reference.md says that a wrong share is found."""


def test_weights_are_read_with_the_versions_that_they_are_of() -> None:
    assert parse_weights("champion=90, 12=10") == {"champion": 90, "12": 10}
    assert share_out({"a": 1, "b": 3}) == {"a": 0.25, "b": 0.75}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is no version with its weight"),
        ("champion", "is no version with its weight"),
        ("champion=0,challenger=1", "is no version with its weight"),
        ("champion=0.9,challenger=0.1", "is no version with its weight"),
        ("champion=-1,challenger=1", "is no version with its weight"),
        ("champion=90,=10", "is no version with its weight"),
        ("champion=90,challenger=10,", "is no version with its weight"),
        ("champion=90,champion=10", "champion is named twice"),
        ("champion=100", "names one version"),
        ("champion=1000,challenger=1", "a share below 1% takes too many requests"),
    ],
)
def test_what_cannot_be_proven_is_refused(text: str, reason: str) -> None:
    with pytest.raises(BadSplit, match=reason):
        parse_weights(text)


@pytest.mark.parametrize("share", SHARES)
def test_counts_that_agree_with_a_share_are_those_of_the_binomial_distribution(share: float) -> None:
    asked = count_asks([share])
    fewest, most = bound_count(asked, share, ERROR)
    chances = stats.binom(asked, share)
    assert chances.cdf(fewest - 1) <= ERROR / 2 < chances.cdf(fewest)
    assert chances.sf(most) <= ERROR / 2 < chances.sf(most - 1)


def test_bounds_of_few_answers_are_exact() -> None:
    assert bound_count(3, 0.5, 0.2) == (0, 3)
    assert bound_count(3, 0.5, 0.26) == (1, 2)


@pytest.mark.parametrize("share", SHARES)
def test_half_or_double_of_the_smallest_share_is_found(share: float) -> None:
    asked = count_asks([share])
    fewest, most = bound_count(asked, share, ERROR / 2)
    for actual in (share / 2, min(2 * share, 0.75)):
        chances = stats.binom(asked, actual)
        assert chances.cdf(fewest - 1) + chances.sf(most) > FOUND


def test_how_many_answers_are_counted_follows_from_the_smallest_share() -> None:
    assert count_asks([0.9, 0.1]) == 10 * ANSWERS_OF_SMALLEST == 2500


@pytest.mark.parametrize("share", [*SHARES, 0.99])
def test_a_version_that_has_its_share_answers_within_the_tries(share: float) -> None:
    tries = count_tries(share)
    assert (1 - share) ** tries <= SILENCE < (1 - share) ** (tries - 1)


def test_the_page_says_which_wrong_shares_are_found() -> None:
    section = PARITY_PAGE.read_text().partition("## Several versions")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (\d+) % \| (\d+) \| (\d+) to (\d+) \| ([\d.]+) % \| ([\d.]+) % \|$", section, re.MULTILINE)
    assert [float(row[0]) / 100 for row in rows] == list(SHARES)
    for row in rows:
        share, asked, fewest, most = float(row[0]) / 100, *map(int, row[1:4])
        assert (asked, (fewest, most)) == (count_asks([share]), bound_count(asked, share, ERROR / 2))
        for actual in (float(row[4]) / 100, float(row[5]) / 100):
            chances = stats.binom(asked, actual)
            assert chances.cdf(fewest - 1) + chances.sf(most) > FOUND
