import os

from lockstep.runtimes.gunicorn.shares import GONE, MOST_WORKERS, Shares


def test_a_worker_is_ahead_if_another_has_fewer_connections() -> None:
    shares = Shares()
    one, other = shares.take(), shares.take()
    assert (one.is_ahead(), other.is_ahead()) == (False, False)
    one.set(1)
    assert (one.is_ahead(), other.is_ahead()) == (True, False)
    other.set(1)
    assert (one.is_ahead(), other.is_ahead()) == (False, False)


def test_a_worker_may_be_ahead_by_an_eighth_and_no_more() -> None:
    shares = Shares()
    one, other = shares.take(), shares.take()
    for connections, others, is_ahead in (
        (8, 7, True),
        (9, 8, False),
        (10, 8, True),
        (900, 800, False),
        (901, 800, True),
    ):
        one.set(connections)
        other.set(others)
        assert one.is_ahead() is is_ahead, (connections, others)


def test_a_worker_that_has_left_is_waited_for_no_longer_and_its_place_is_another_ones() -> None:
    shares = Shares()
    one, other = shares.take(), shares.take()
    one.set(5)
    other.leave()
    assert not one.is_ahead()
    assert shares.take().place == other.place
    assert one.is_ahead()


def test_a_forked_worker_shows_its_count_to_the_others() -> None:
    shares = Shares()
    one, other = shares.take(), shares.take()
    one.set(5)
    other.set(5)
    if (pid := os.fork()) == 0:
        other.set(3)
        os._exit(0)
    os.waitpid(pid, 0)
    assert one.is_ahead()


def test_more_workers_than_places_share_the_last_one() -> None:
    shares = Shares()
    places = [shares.take().place for _ in range(MOST_WORKERS + 2)]
    assert places == [*range(MOST_WORKERS), MOST_WORKERS - 1, MOST_WORKERS - 1]
    assert GONE not in shares.counts
