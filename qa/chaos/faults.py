"""Every fault, in the order in which they are run."""

from collections.abc import Callable

from qa.chaos.artefacts import damage_artefacts
from qa.chaos.conditions import change_conditions
from qa.chaos.disks import fill_disks
from qa.chaos.killing import kill_workers
from qa.chaos.memory import post_bad_cells, post_largest, stall_bodies
from qa.chaos.plan import Finding, Plan
from qa.chaos.promoting import promote_under_load
from qa.chaos.releases import overlap_releases
from qa.chaos.slow import hold_connections, run_out_of_files
from qa.chaos.stopping import reload_under_load, stop_in_flight

FAULTS: tuple[Callable[[Plan], Finding], ...] = (
    stop_in_flight,
    reload_under_load,
    promote_under_load,
    kill_workers,
    damage_artefacts,
    fill_disks,
    post_largest,
    post_bad_cells,
    stall_bodies,
    hold_connections,
    run_out_of_files,
    change_conditions,
    overlap_releases,
)
