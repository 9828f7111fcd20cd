"""The addresses that `lockstep parity` is given: a client of each, and the runs against all of them."""

from collections.abc import Sequence

import click
from rich.console import Console

from lockstep.cli.running import Run, run_suite
from lockstep.cli.splitting import Expected, run_split
from lockstep.parity.address import BadAddress, suggest_address
from lockstep.parity.client import ServiceClient
from lockstep.parity.proof import Proof, SplitEntry, prove
from lockstep.parity.record import Record
from lockstep.parity.reports.console import conclude_proof
from lockstep.parity.split.client import Aim, ArmClient


def open_clients(
    urls: Sequence[str], api_key: str | None, version: int | None, *, are_split: bool
) -> list[ServiceClient]:
    """Return a client of each address; raise `UsageError` for none, and for what is no address."""
    return [_open_client(url, api_key, version, is_split=are_split) for url in urls or ("",)]


def _open_client(url: str, api_key: str | None, version: int | None, *, is_split: bool) -> ServiceClient:
    try:
        return ArmClient(url, api_key, Aim()) if is_split else ServiceClient(url, api_key, version=version)
    except BadAddress as error:
        advice = f"Example: lockstep parity {suggest_address(url)}"
        raise click.UsageError(f"which service? {error}. {advice}") from error


def run_all(console: Console, clients: Sequence[ServiceClient], run: Run, expected: Expected | None) -> Record | Proof:
    """Return the record of the one run, or the proof that several are; end the process as `run_suite` does."""
    splits, records = list[SplitEntry](), list[Record]()
    for client in clients:
        if expected and isinstance(client, ArmClient):
            split, found = run_split(console, client, run, expected)
            splits.append(split)
            records += found
        else:
            records.append(run_suite(console, client, run))
    if len(clients) == 1 and not splits:
        return records[0]
    proof = prove(records, splits)
    conclude_proof(console, proof)
    return proof
