"""Logs and temporary files that cannot be written."""

import subprocess
import tempfile

from qa.chaos.clients import Clients
from qa.chaos.plan import Finding, Plan
from qa.chaos.service import kill_worker, run_service

N_CLIENTS = 4
FULL_LOG = ("/bin/sh", "-c", 'exec "$@" >/dev/full 2>&1', "sh")
FULL_DISK = 'mount -t tmpfs -o size=64k tmpfs "$TMPDIR"; dd if=/dev/zero of="$TMPDIR/full" 2>/dev/null || true; '
FULL_MEMORY = "mount -t tmpfs -o size=64k tmpfs /dev/shm; dd if=/dev/zero of=/dev/shm/full 2>/dev/null || true; "
READ_ONLY = 'mount -t tmpfs -o ro tmpfs "$TMPDIR"; '
MOUNT = ("/usr/bin/env", "unshare", "--mount", "sh", "-ec")


def fill_disks(plan: Plan) -> Finding:
    """Serve with a full disk for the log, with a full and a read-only disk for temporary files, with full memory."""
    finding = Finding("the service answers although its log and its temporary files cannot be written")
    with tempfile.TemporaryDirectory() as folder:
        disks: dict[str, tuple[str, ...]] = {"full log": FULL_LOG}
        if _can_mount(folder):
            disks["full disk"] = (*MOUNT, f'{FULL_DISK}exec "$@"', "sh")
            disks["full shared memory"] = (*MOUNT, f'{FULL_MEMORY}exec "$@"', "sh")
            disks["read-only disk"] = (*MOUNT, f'{READ_ONLY}exec "$@"', "sh")
        else:
            finding.figures.append("full and read-only disks not tried: this user may not mount")
        for name, wrap in disks.items():
            with run_service(wrap=wrap, environ={"TMPDIR": folder}) as server:
                with Clients(server.port, N_CLIENTS) as tally:
                    kill_worker(server)
                after = len(tally.latencies)
                with Clients(server.port, N_CLIENTS) as later:
                    kill_worker(server)
            finding.figures.append(f"{name}: {tally}, then {later}")
            finding.require(not tally.wrong + later.wrong and after > 0, f"{name}: {tally.wrong} {later.wrong}")
    return finding


def _can_mount(folder: str) -> bool:
    command = [*MOUNT, f'mount -t tmpfs tmpfs "{folder}"']
    return subprocess.run(command, capture_output=True, check=False).returncode == 0  # noqa: S603 - our own command
