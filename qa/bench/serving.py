"""Loads on the servers, interleaved, each with fresh connections."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace

from qa.bench.apps import Side
from qa.bench.cases import Case
from qa.bench.generator import Order
from qa.bench.load import Sample, run_load
from qa.bench.plan import CONNECTIONS, Plan
from qa.servers import Server, run_server

WARM_UP_PER_CONNECTION = 3

Samples = dict[tuple[str, int, int], list[Sample]]
"""The samples by side, rows and connections."""


@dataclass(frozen=True)
class Comparison:
    """Sides that are loaded with the same cases, in turn, on each number of connections."""

    sides: Mapping[str, Side]
    cases: Sequence[Case]
    connections: Sequence[int] = CONNECTIONS


def compare_servers(comparison: Comparison, plan: Plan, say: Callable[[str], None]) -> Samples:
    """Return the samples of every side; the servers are started in turn, then loaded in turn, round by round.

    A server that is not loaded costs nothing, and neighbors in time share what else the machine does.
    """
    samples: Samples = {}
    sides, cases = comparison.sides, comparison.cases
    with ExitStack() as stack:
        servers = {key: stack.enter_context(run_server(side.app)) for key, side in sides.items()}
        lengths = {(key, case.rows): sides[key].check_answer(case, servers[key]) for case in cases for key in servers}
        for case, turn, key, connections in _schedule(comparison, plan):
            side = sides[key]
            say(f"{case.rows} rows, round {turn} of {plan.rounds}: {side.app.name}, {connections} connections")
            order = place_order(servers[key].port, side.path(case), connections, lengths[key, case.rows], plan)
            posted = side.write(case)
            order = replace(order, headers=dict(posted.headers))
            samples.setdefault((key, case.rows, connections), []).append(run_load(order, posted.body))
    return samples


def warm_up(side: Side, server: Server, cases: Sequence[Case], plan: Plan) -> None:
    """Load a server with every case on the most connections, so that its memory is what it will be."""
    for case in cases:
        length = side.check_answer(case, server)
        run_load(place_order(server.port, side.path(case), CONNECTIONS[-1], length, plan), case.body)


def place_order(port: int, path: str, connections: int, answer_bytes: int, plan: Plan) -> Order:
    """Return the order of one load."""
    return Order(
        port=port,
        path=path,
        answer_bytes=answer_bytes,
        connections=connections,
        warm_up_requests=WARM_UP_PER_CONNECTION * connections,
        max_requests=plan.max_requests,
        seconds=plan.load_s if connections > 1 else plan.load_s / 2,
    )


def _schedule(comparison: Comparison, plan: Plan) -> Iterator[tuple[Case, int, str, int]]:
    sides = list(comparison.sides)
    for case in comparison.cases:
        for turn in range(1, plan.rounds + 1):
            for connections in comparison.connections:
                for side in sides if turn % 2 else reversed(sides):  # whoever comes first has it no easier
                    yield case, turn, side, connections
