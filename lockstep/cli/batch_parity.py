"""`lockstep parity URL --batch FOLDER`: what a batch job has written beside what a service answers."""

from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console

from lockstep.cli.running import UNREACHABLE
from lockstep.parity.answers import ServiceError
from lockstep.parity.batch_job import CHECK, WrittenJob, check_batch_job, open_job
from lockstep.parity.client import ServiceClient
from lockstep.parity.reports.console import show

DIVERGED, INCONCLUSIVE = 1, 2
MAX_SHOWN = 20


def prove_batch(console: Console, clients: Sequence[ServiceClient], folder: Path, seed: int) -> int:
    """Print whether the rows of drawn series are what each service answers, and return the exit code of all."""
    written = open_job(folder)
    try:
        codes = {_prove(console, client, written, seed) for client in clients}
    except ServiceError as error:
        click.echo(f"Error: {error}; is it running? `lockstep serve` starts one", err=True)
        return UNREACHABLE
    return DIVERGED if DIVERGED in codes else max(codes)


def _prove(console: Console, client: ServiceClient, written: WrittenJob, seed: int) -> int:
    console.print(show(f"{client.url} against {written.folder.path}, digest {written.job.digest[:12]}, seed {seed}"))
    found = check_batch_job(client, written, seed)
    for difference in found.differences[:MAX_SHOWN]:
        console.print(show(difference))
    if found.differences:
        console.print(f"DIVERGED {CHECK}: {len(found.differences)} differences, {found.compared} series compared")
        return DIVERGED
    if not found.compared:
        console.print(f"INCONCLUSIVE {CHECK}: no series was compared; every drawn one is bad")
        return INCONCLUSIVE
    drawn = f"all {found.compared} series that were drawn, of {written.job.series},"
    console.print(f"PARITY {CHECK}: {drawn} are answered as they were written")
    return 0
