"""The worked example of docs/scale.md: demands, machines, and what the capacity model makes of them."""

from collections.abc import Iterator

from qa.scale.capacity import Capacity, Demand, Inputs, Machine, plan_capacity

UTILIZATION = 0.6
"""How busy the cores may be at the peak: requests that arrive by chance wait the longer, the busier they are."""
DEMANDS = {
    "a first service": Demand(5, 1, 0.2, 1),
    "an app": Demand(50, 1, 0.2, 50),
    "an API": Demand(500, 1, 0.3, 200),
    "tables": Demand(500, 1, 0.3, 1, 200),
    "whole histories": Demand(100, 961, 0.3, 1),
}
MACHINES = {
    "Standard-1X": Machine(0.25, 512e6 / 1e6, 25.0),
    "Performance-L": Machine(4.0, 14_000, 500.0),
}


def list_examples(inputs: Inputs) -> Iterator[tuple[str, str, Capacity]]:
    """Yield the name of each demand and of each machine, and what the one takes of the other."""
    for name, demand in DEMANDS.items():
        for kind, machine in MACHINES.items():
            yield name, kind, plan_capacity(inputs, demand, machine, UTILIZATION)
