from collections import Counter

import numpy as np
import pytest

from lockstep.parity.draws import SCHEME, Draws, Origin, draw_seed

ORIGIN = Origin(7, "d" * 64, "chunks", 3)
EXPECTED: list[object] = [336, 8, "b", [1, 2, 3, 0]]
EXPECTED_FRACTIONS = [0.0299018089509846, 0.7940157572938199]


def take(origin: Origin) -> list[int]:
    draws = Draws(origin)
    return [draws.below(10**9) for _ in range(5)]


def test_the_draws_of_a_scheme_never_change() -> None:
    """A seed in a certificate has to stand for the same requests for as long as the scheme has its number."""
    draws = Draws(ORIGIN)
    assert SCHEME == 2
    assert [draws.below(1000), draws.size(900), draws.choose("abc"), draws.permute(4).tolist()] == EXPECTED
    assert draws.fractions(2).tolist() == EXPECTED_FRACTIONS


@pytest.mark.parametrize(
    "other",
    [
        Origin(8, "d" * 64, "chunks", 3),
        Origin(7, "e" * 64, "chunks", 3),
        Origin(7, "d" * 64, "fresh", 3),
        Origin(7, "d" * 64, "chunks", 4),
    ],
)
def test_seed_bundle_check_and_number_each_change_all_draws(other: Origin) -> None:
    assert take(ORIGIN) == take(ORIGIN)
    assert set(take(ORIGIN)).isdisjoint(take(other))


def test_numbers_are_drawn_evenly() -> None:
    draws = Draws(ORIGIN)
    counts = Counter(draws.below(3) for _ in range(6000))
    assert all(1850 < counts[number] < 2150 for number in range(3))
    assert {draws.between(5, 7) for _ in range(100)} == {5, 6, 7}


def test_what_would_favor_small_numbers_is_drawn_again() -> None:
    words = [2**64 - 1, 4]

    class Scripted(Draws):
        def _take(self, n_bytes: int) -> bytes:
            return words.pop(0).to_bytes(n_bytes, "little")

    assert Scripted(ORIGIN).below(3) == 1


def test_sizes_reach_from_one_to_the_largest() -> None:
    draws = Draws(ORIGIN)
    sizes = [draws.size(961) for _ in range(4000)]
    assert (min(sizes), max(sizes)) <= (1, 961)
    assert max(sizes) > 900
    counts = Counter(size.bit_length() for size in sizes)
    assert set(counts) == set(range(1, 11))
    assert [draws.size(1) for _ in range(20)] == [1] * 20


def test_an_order_holds_everything_once() -> None:
    draws = Draws(ORIGIN)
    assert sorted(draws.permute(1000).tolist()) == list(range(1000))
    assert draws.permute(1000).tolist() != draws.permute(1000).tolist()
    assert sorted(draws.shuffle("hello")) == sorted("hello")


def test_fractions_are_below_one_and_picks_below_their_bound() -> None:
    draws = Draws(ORIGIN)
    fractions = draws.fractions(10_000)
    assert 0.0 <= fractions.min() < fractions.max() < 1.0
    assert abs(float(np.median(fractions)) - 0.5) < 0.02
    assert set(draws.pick(1000, 4).tolist()) == {0, 1, 2, 3}


def test_no_two_runs_have_the_same_seed() -> None:
    assert len({draw_seed() for _ in range(50)}) == 50
