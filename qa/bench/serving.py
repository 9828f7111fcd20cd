"""Loads on the servers, interleaved, each with fresh connections."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack

from qa.bench.apps import SERVICE, check_answer, path_of
from qa.bench.cases import Case
from qa.bench.generator import Order
from qa.bench.load import Sample, run_load
from qa.bench.plan import CONNECTIONS, Plan
from qa.servers import App, Server, run_server

WARM_UP_PER_CONNECTION = 3

Samples = dict[tuple[str, int, int], list[Sample]]
"""The samples by side, rows and connections."""


def compare_servers(apps: Mapping[str, App], cases: Sequence[Case], plan: Plan, say: Callable[[str], None]) -> Samples:
    """Return the samples of every side; the servers are started in turn, then loaded in turn, round by round.

    A server that is not loaded costs nothing, and neighbours in time share what else the machine does.
    """
    samples: Samples = {}
    with ExitStack() as stack:
        servers = {side: stack.enter_context(run_server(app)) for side, app in apps.items()}
        lengths = {(side, case.rows): check_answer(side, case, servers[side]) for case in cases for side in servers}
        for case, turn, side, connections in _schedule(list(servers), cases, plan):
            say(f"{case.rows} rows, round {turn} of {plan.rounds}: {apps[side].name}, {connections} connections")
            order = _place_order(servers[side].port, path_of(side, case), connections, lengths[side, case.rows], plan)
            samples.setdefault((side, case.rows, connections), []).append(run_load(order, case.body))
    return samples


def warm_up(server: Server, cases: Sequence[Case], plan: Plan) -> None:
    """Load the service with every case on the most connections, so that its memory is what it will be."""
    for case in cases:
        order = _place_order(server.port, path_of(SERVICE, case), CONNECTIONS[-1], len(case.answer), plan)
        run_load(order, case.body)


def _schedule(sides: list[str], cases: Sequence[Case], plan: Plan) -> Iterator[tuple[Case, int, str, int]]:
    for case in cases:
        for turn in range(1, plan.rounds + 1):
            for connections in CONNECTIONS:
                for side in sides if turn % 2 else reversed(sides):  # whoever comes first has it no easier
                    yield case, turn, side, connections


def _place_order(port: int, path: str, connections: int, answer_bytes: int, plan: Plan) -> Order:
    return Order(
        port=port,
        path=path,
        answer_bytes=answer_bytes,
        connections=connections,
        warm_up_requests=WARM_UP_PER_CONNECTION * connections,
        max_requests=plan.max_requests,
        seconds=plan.load_s if connections > 1 else plan.load_s / 2,
    )
