"""`python -m qa.scale.calculator`: the capacity model with numbers of your own."""

import argparse
import sys

from qa.scale.capacity import Demand, Machine, plan_capacity
from qa.scale.examples import UTILIZATION
from qa.scale.page import PAGE, read_inputs, show_number

DESCRIPTION = (
    "What a demand takes, by the capacity model and the measured inputs of docs/scale.md, which explains both."
)


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(prog="python -m qa.scale.calculator", description=DESCRIPTION)
    parser.add_argument("--peak", type=float, required=True, help="requests a second at the peak")
    parser.add_argument("--rows", type=int, default=1, help="rows in a request; default %(default)s")
    parser.add_argument(
        "--mean", type=float, default=0.3, help="mean of the requests as a share of the peak; %(default)s"
    )
    parser.add_argument("--series", type=int, default=1, help="models of series, versions counted; default %(default)s")
    parser.add_argument("--tables", type=int, default=0, help="models of tables; default %(default)s")
    parser.add_argument(
        "--cores", type=float, default=1.0, help="of a machine, as the measured ones; default %(default)s"
    )
    parser.add_argument("--memory", type=float, default=512.0, help="of a machine, in MB; default %(default)s")
    parser.add_argument("--price", type=float, default=25.0, help="of a machine a month; default %(default)s")
    parser.add_argument(
        "--utilization", type=float, default=UTILIZATION, help="of cores at the peak; default %(default)s"
    )
    return parser


def main(arguments: list[str]) -> int:
    """Print what the demand takes; return 0, or 1 if the models do not fit into a machine."""
    asked = make_parser().parse_args(arguments)
    demand = Demand(asked.peak, asked.rows, asked.mean, asked.series, asked.tables)
    machine = Machine(asked.cores, asked.memory, asked.price)
    capacity = plan_capacity(read_inputs(PAGE.read_text()), demand, machine, asked.utilization)
    print(f"{capacity.cores:.3g} cores: {capacity.machines} machines with {capacity.machine_mb:.0f} MB each")
    print(f"{show_number(capacity.per_million)} for 1,000,000 forecasts")
    if not capacity.fits:
        print(f"the models do not fit into {machine.memory_mb:g} MB", file=sys.stderr)
    return 0 if capacity.fits else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
