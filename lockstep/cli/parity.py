"""`lockstep parity`: prove that a running service answers what was evaluated."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click
import msgspec
from rich.console import Console

from lockstep.applications import describe_packaged, find_application
from lockstep.batch.errors import NoJob
from lockstep.bundles.choosing import choose_version
from lockstep.cli.addresses import open_clients, run_all
from lockstep.cli.parity_options import refuse_beside_batch, refuse_options, refuse_versions
from lockstep.cli.running import NAMES, Run
from lockstep.cli.splitting import choose_expected
from lockstep.cli.wanted import CheckOrRequest, Wanted
from lockstep.errors import LockstepError, UnknownModel, UnknownSymbol
from lockstep.parity.checks import CHECKS_OF
from lockstep.parity.client import ServiceClient
from lockstep.parity.doors.listed import PROTOCOLS
from lockstep.parity.draws import draw_seed
from lockstep.parity.proof import Proof
from lockstep.parity.record import Record
from lockstep.parity.reports.console import show
from lockstep.parity.reports.html import render_html
from lockstep.parity.reports.junit import render_junit
from lockstep.parity.reports.markdown import render_markdown
from lockstep.parity.split.checks import SPLIT_CHECKS
from lockstep.parity.split.shares import EXAMPLE, BadSplit
from lockstep.parity.subjects import WrongDoor

UNUSABLE = 3
WRONG_OPTIONS = (BadSplit, NoJob, UnknownModel, UnknownSymbol, WrongDoor)
"""What is wrong with --expect, --batch, --model, --version, --symbol and --door."""
BATCH_JOB = "the rows of drawn series are what the service answers to their bars"
RENDERERS: dict[str, Callable[[Record | Proof], str]] = {
    "junit": render_junit,
    "markdown": render_markdown,
    "html": render_html,
}
FILE = click.Path(dir_okay=False, path_type=Path)
EXISTING_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
EPILOG = """Exit codes: 0 parity; 1 diverged; 2 inconclusive, or a wrong option; 3 the service runs another bundle or
other libraries, or a local bundle, key or file cannot be used; 4 unreachable, or no service that takes the key.
Example: lockstep parity http://127.0.0.1:5000 --bundle models/msft --html parity.html
Several versions behind one address: lockstep parity http://127.0.0.1:8000 --expect champion=90,challenger=10
Through another protocol: lockstep parity http://127.0.0.1:8080 --bundle models/flats --door mlflow"""


@click.command(epilog=EPILOG)
@click.argument("urls", nargs=-1, metavar="[URL]...")
@click.option(
    "--bundle", type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The folder of the version, or of the model, whose evaluation the service has to reproduce.",
)  # fmt: skip
@click.option("--model", help="A model of the application instead; default: its default model.")
@click.option("--version", help="The version that has to answer, a number or an alias; default: champion.")
@click.option("--symbol", help="The one series of a model of many to prove; default: series drawn for each request.")
@click.option(
    "--expect", metavar="SHARES",
    help=f"Expect several versions behind each URL, with these shares of the answers: {EXAMPLE}.",
)  # fmt: skip
@click.option("--sticky", metavar="HEADER", help="Expect that each value of this header leads to one version.")
@click.option("--api-key", envvar="LOCKSTEP_API_KEY", help="Sent as x-api-key; better in LOCKSTEP_API_KEY.")
@click.option(
    "--door",
    type=click.Choice([*PROTOCOLS]),
    help="Go through the door of this protocol; the server may then be one of somebody else that speaks it.",
)
@click.option(
    "--batch", type=click.Path(exists=True, file_okay=False, path_type=Path), metavar="OUT",
    help="Compare what `lockstep batch` has written into this folder, instead of the evaluation.",
)  # fmt: skip
@click.option(
    "--seed", type=click.IntRange(min=0), help="What all requests are drawn from; default: another one for each run."
)
@click.option(
    "--only", multiple=True, type=CheckOrRequest(), metavar="CHECK[:I]",
    help="Run this check, or send its request I alone; repeatable.",
)  # fmt: skip
@click.option("--skip", multiple=True, type=click.Choice(NAMES), metavar="CHECK", help="Leave it out; repeatable.")
@click.option("--list", "list_only", is_flag=True, help="Say what each check proves, and run none.")
@click.option("--json", "as_json", is_flag=True, help="Print the record of the run as JSON and nothing else.")
@click.option("--junit", type=FILE, help="Write the record as JUnit XML.")
@click.option("--markdown", type=FILE, help="Write it as Markdown, such as to $GITHUB_STEP_SUMMARY.")
@click.option("--html", type=FILE, help="Write it as one HTML page, with plots.")
@click.option("--certificate", type=FILE, help="Write a parity certificate.")
@click.option("--sign", type=EXISTING_FILE, metavar="PEM", help="Sign it with the Ed25519 private key in this file.")
@click.option(
    "--check-certificate", type=EXISTING_FILE, metavar="FILE",
    help="Ask no service: say whether this certificate vouches for the bundle.",
)  # fmt: skip
@click.option("--public-key", type=EXISTING_FILE, metavar="PEM", help="The key that has to have signed it.")
def parity(
    urls: tuple[str, ...], bundle: Path | None, model: str | None, version: str | None, symbol: str | None,
    expect: str | None, sticky: str | None, api_key: str | None, door: str | None, batch: Path | None,
    seed: int | None, only: tuple[Wanted, ...], skip: tuple[str, ...],
    list_only: bool, as_json: bool, certificate: Path | None, sign: Path | None, check_certificate: Path | None,
    public_key: Path | None, **reports: Path | None,
) -> None:  # fmt: skip
    """Compare the answers of the services at each URL with the local evaluation, row by row.

    Each output is compared as its bundle guarantees: by its bits, its labels or to a tolerance. If an exact form
    predicts, every stage before it is compared bit for bit. On a difference the first stage, row and column where it
    begins are named, with a curl line that shows it.
    """
    console = Console(stderr=as_json, highlight=False, soft_wrap=True, emoji=False)
    refuse_options(certificate, sign, check_certificate, public_key, reports)
    refuse_versions(expect, sticky, version)
    if batch:
        refuse_beside_batch()
        sys.exit(_prove_batch(console, open_clients(urls, api_key, None, are_split=False), batch, seed))
    if list_only:
        _list_checks(console)
        return
    with _ending_unusable():
        if not bundle and (note := describe_packaged(find_application())):
            click.echo(f"note: {note}", err=True)
        chosen = choose_version(bundle, model, version)
        if check_certificate:
            from lockstep.cli.certifying import print_judgement  # cryptography is slow to import

            sys.exit(print_judgement(console, check_certificate, chosen.folder, public_key))
    clients = open_clients(urls, api_key, chosen.named_version, are_split=expect is not None)
    with _ending_unusable():
        expected = choose_expected(bundle, model, expect, sticky) if expect else None
        drawn = draw_seed() if seed is None else seed
        chose = {"bundle": bundle, "model": model, "version": version, "symbol": symbol, "door": door}
        options = _list_options(**chose, expect=expect, sticky=sticky)
        run = Run(chosen, drawn, only, skip, sign, options, door or "", symbol)
        told = run_all(console, clients, run, expected)
        _write_reports(console, told, reports)
        if certificate:
            from lockstep.cli.certifying import write_signed  # as above

            write_signed(console, told, certificate, sign)
    if as_json:
        click.echo(msgspec.json.encode(told))
    sys.exit(told.exit_code)


def _list_checks(console: Console) -> None:
    for kind, checks in CHECKS_OF.items():
        console.print(f"of a {kind}:")
        for check in checks:
            console.print(f"  {check.name:<11} {check.proves}")
    console.print("of what `lockstep batch` has written, with --batch:")
    console.print(f"  {'batch-job':<11} {BATCH_JOB}")
    console.print("of several versions behind one address:")
    for check in SPLIT_CHECKS:
        console.print(f"  {check.name:<11} {check.proves}")


def _prove_batch(console: Console, clients: Sequence[ServiceClient], folder: Path, seed: int | None) -> int:
    from lockstep.cli.batch_parity import prove_batch  # it brings much that no other run needs

    with _ending_unusable():
        return prove_batch(console, clients, folder, draw_seed() if seed is None else seed)


@contextmanager
def _ending_unusable() -> Iterator[None]:
    """End with 2 for a wrong option, and with 3 if something here cannot be read or written: 1 is for what diverged."""
    try:
        yield
    except WRONG_OPTIONS as error:
        raise click.UsageError(str(error)) from error
    except (LockstepError, OSError) as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(UNUSABLE)


def _write_reports(console: Console, told: Record | Proof, reports: dict[str, Path | None]) -> None:
    for name, path in reports.items():
        if path:
            path.write_text(RENDERERS[name](told), encoding="utf-8")
            console.print(f"wrote {show(str(path))}")


def _list_options(**given: object) -> tuple[str, ...]:
    return tuple(text for name, value in given.items() if value is not None for text in (f"--{name}", str(value)))
