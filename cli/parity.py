"""`lockstep parity`: prove that a running service answers what was evaluated."""

import datetime
import sys
from pathlib import Path

import click
import msgspec
from rich.console import Console

from models.bundle import DEFAULT_BUNDLE, load_bundle
from models.errors import BundleError
from models.selfcheck import check_evaluation
from parity.checks import CHECKS
from parity.client import NotOurs, ServiceClient, ServiceUnreachable
from parity.record import Record, record_run
from parity.reports.console import ConsoleReport, mark
from parity.reports.html import render_html
from parity.reports.junit import render_junit
from parity.reports.markdown import render_markdown
from parity.subject import Subject
from parity.suite import run_checks

UNUSABLE, UNREACHABLE = 3, 4
NAMES = [check.name for check in CHECKS]
RENDERERS = {"junit": render_junit, "markdown": render_markdown, "html": render_html}
FILE = click.Path(dir_okay=False, path_type=Path)
EXISTING_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
EPILOG = """Exit codes: 0 parity; 1 diverged; 2 inconclusive; 3 the service runs another bundle or other libraries,
or the local bundle cannot be used; 4 unreachable, or no service that takes the key.
Example: lockstep parity http://127.0.0.1:5000 --bundle models/msft --html parity.html"""


@click.command(epilog=EPILOG)
@click.argument("url", required=False)
@click.option(
    "--bundle", default=DEFAULT_BUNDLE, type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The bundle whose evaluation the service has to reproduce; default: models/msft.",
)  # fmt: skip
@click.option("--api-key", envvar="LOCKSTEP_API_KEY", help="Sent as x-api-key; better in LOCKSTEP_API_KEY.")
@click.option("--seed", default=1, show_default=True, help="Seed of the sampled rows and changed prices.")
@click.option("--only", multiple=True, type=click.Choice(NAMES), metavar="CHECK", help="Run this check; repeatable.")
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
    url: str | None, bundle: Path, api_key: str | None, seed: int, only: tuple[str, ...], skip: tuple[str, ...],
    list_only: bool, as_json: bool, certificate: Path | None, sign: Path | None, check_certificate: Path | None,
    public_key: Path | None, **reports: Path | None,
) -> None:  # fmt: skip
    """Compare the answers of the service at URL with the local evaluation, bit for bit, by date.

    Predictions and, stage by stage, what led to them are compared. On a difference the first stage, row and
    feature where it begins are named, with a curl line that shows it.
    """
    console = Console(stderr=as_json, highlight=False, soft_wrap=True)
    if list_only:
        for check in CHECKS:
            console.print(f"{check.name:<11} {check.proves}")
        return
    if check_certificate:
        _check_certificate(console, check_certificate, bundle, public_key)
    if url is None or not url.startswith(("http://", "https://")):
        raise click.UsageError("which service? Example: lockstep parity http://127.0.0.1:5000")
    if sign and not certificate:
        raise click.UsageError("--sign signs a certificate: say where to write it with --certificate FILE")
    checks = {check.name for check in CHECKS if check.name in (only or NAMES) and check.name not in skip}
    record = _run(console, ServiceClient(url, api_key), bundle, seed, checks)
    for name, path in reports.items():
        if path:
            path.write_text(RENDERERS[name](record), encoding="utf-8")
            console.print(f"wrote {path}")
    if certificate:
        _write_certificate(console, record, certificate, sign)
    if as_json:
        click.echo(msgspec.json.encode(record))
    sys.exit(record.exit_code)


def _run(console: Console, client: ServiceClient, folder: Path, seed: int, names: set[str]) -> Record:
    """Return the record of the run; end the process where there is none, saying why."""
    checks = [check for check in CHECKS if check.name in names]
    shown = ConsoleReport(console, len(checks))
    try:
        bundle = load_bundle(folder)
        check_evaluation(bundle)
        client.symbol = bundle.manifest.symbol
        subject = Subject(client, bundle, seed)
        console.print(f"{client.url} against {folder}, digest {bundle.manifest.version[:12]}, seed {seed}")
        client.check_access()
        started = datetime.datetime.now(datetime.UTC)
        report = run_checks(subject, shown.finish, checks, shown.start)
        record = record_run(subject, report, client.get_version(), started)
    except BundleError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(UNUSABLE)
    except NotOurs as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(UNREACHABLE)
    except ServiceUnreachable as error:
        click.echo(f"Error: {error}; is it running? `lockstep serve` starts one", err=True)
        sys.exit(UNREACHABLE)
    finally:
        shown.stop()
    shown.conclude(record)
    return record


def _write_certificate(console: Console, record: Record, path: Path, sign: Path | None) -> None:
    from parity.certificate import certify, read_signing_key, write_certificate  # cryptography is slow to import

    write_certificate(path, certify(record, read_signing_key(sign) if sign else None))
    console.print(f"wrote {path}, {'signed' if sign else 'not signed'}")


def _check_certificate(console: Console, path: Path, folder: Path, public_key: Path | None) -> None:
    from parity.certificate import judge_certificate, read_certificate, read_public_key  # as above

    certificate, digest = read_certificate(path), load_bundle(folder).manifest.version
    verdict, reasons = judge_certificate(certificate, digest, read_public_key(public_key) if public_key else None)
    console.print(
        f"{path}: {certificate.url}, commit {certificate.commit}, {certificate.time}, seed {certificate.seed}"
    )
    console.print(f"{mark(verdict.word)} for {folder}, digest {digest[:12]}")
    for reason in reasons:
        console.print(f"    {reason}")
    sys.exit(verdict.value)
