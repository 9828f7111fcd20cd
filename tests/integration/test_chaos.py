"""A fault of each kind of `make chaos`, in its short form."""

from collections.abc import Callable

import pytest

from qa.chaos.artefacts import damage_artefacts
from qa.chaos.disks import fill_disks
from qa.chaos.killing import kill_workers
from qa.chaos.memory import post_bad_cells, stall_bodies
from qa.chaos.plan import SHORT, Finding, Plan
from qa.chaos.slow import hold_connections, run_out_of_files
from qa.chaos.stopping import reload_under_load, stop_in_flight

FAULTS = (
    stop_in_flight, reload_under_load, kill_workers, damage_artefacts, fill_disks, post_bad_cells, stall_bodies,
    hold_connections, run_out_of_files,
)  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_the_promise_is_kept_under_the_fault(fault: Callable[[Plan], Finding]) -> None:
    finding = fault(SHORT)
    assert finding.figures
    assert finding.broken == []
