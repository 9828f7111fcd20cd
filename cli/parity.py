"""`lockstep parity`: prove that a running service answers what was evaluated."""

import sys
from pathlib import Path

import click
import msgspec
from rich.console import Console
from rich.markup import escape

from models.bundle import DEFAULT_BUNDLE, load_bundle
from models.errors import BundleError
from parity.checks import Subject
from parity.client import ServiceClient, ServiceUnreachable
from parity.suite import Report, Result, Verdict, run_checks

OTHER_ARTEFACT, UNREACHABLE = 3, 4
MAX_FINDINGS_SHOWN = 10
MARKS = {Verdict.PARITY: "[green]equal[/]", Verdict.DIVERGED: "[red]DIFFERENT[/]", Verdict.INCONCLUSIVE: "[yellow]?[/]"}
CODES = "Exit codes: 0 equal, 1 different, 2 inconclusive, 3 the local bundle cannot be used, 4 unreachable."


@click.command(epilog=f"{CODES} Example: lockstep parity http://127.0.0.1:5000 --bundle models/msft")
@click.argument("url")
@click.option(
    "--bundle", default=DEFAULT_BUNDLE, type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The bundle whose evaluation the service has to reproduce; default: models/msft.",
)  # fmt: skip
@click.option("--api-key", envvar="LOCKSTEP_API_KEY", help="Sent as x-api-key; better in LOCKSTEP_API_KEY.")
@click.option("--seed", default=1, show_default=True, help="Seed of the sampled rows and changed prices.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON and nothing else.")
def parity(url: str, bundle: Path, api_key: str | None, seed: int, as_json: bool) -> None:
    """Compare the answers of the service at URL with the local evaluation, bit for bit, by date.

    Posts every evaluation row in one request, a sample of them one by one, and rows with changed prices.
    """
    console = Console(stderr=as_json)
    try:
        subject = Subject(ServiceClient(url, api_key), load_bundle(bundle), seed)
        console.print(f"{url} against {bundle}, digest {subject.bundle.manifest.version[:12]}", highlight=False)
        report = run_checks(subject, lambda result: _print_result(console, result))
    except BundleError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(OTHER_ARTEFACT)
    except ServiceUnreachable as error:
        click.echo(f"Error: {error}; is it running? `lockstep serve` starts one", err=True)
        sys.exit(UNREACHABLE)
    if as_json:
        click.echo(msgspec.json.encode(_describe(report, url, subject)))
    console.print(f"verdict: {MARKS[report.verdict]}" + (f" after {report.retries} retries" if report.retries else ""))
    sys.exit(report.verdict.value)


def _print_result(console: Console, result: Result) -> None:
    counts = f"{result.comparison.compared} rows, {result.duration_s:.2f} s"
    console.print(
        f"{MARKS[result.verdict]:<22} {result.check.name:<10} {result.check.proves} ({counts})", highlight=False
    )
    findings = result.comparison.findings
    for line in findings[:MAX_FINDINGS_SHOWN]:
        console.print(f"    {escape(line)}", highlight=False)
    if len(findings) > MAX_FINDINGS_SHOWN:
        console.print(f"    … and {len(findings) - MAX_FINDINGS_SHOWN} more")
    if result.verdict is Verdict.INCONCLUSIVE:
        console.print(f"    {result.shortfall}")


def _describe(report: Report, url: str, subject: Subject) -> dict[str, object]:
    checks = [
        {
            "name": result.check.name,
            "verdict": result.verdict.name.lower(),
            "rows_compared": result.comparison.compared,
            "duration_s": round(result.duration_s, 4),
            "findings": result.comparison.findings,
        }
        for result in report.results
    ]
    digest = subject.bundle.manifest.version
    return {
        "url": url,
        "digest": digest,
        "seed": subject.seed,
        "verdict": report.verdict.name.lower(),
        "checks": checks,
    }
