"""`lockstep parity`: prove that a running service answers what was evaluated."""

import sys
from pathlib import Path

import click
import msgspec
from rich.console import Console
from rich.markup import escape

from models.bundle import DEFAULT_BUNDLE, load_bundle
from models.errors import BundleError
from models.selfcheck import check_evaluation
from parity.checks import CHECKS
from parity.client import NotOurs, ServiceClient, ServiceUnreachable
from parity.subject import Subject
from parity.suite import Report, Result, Verdict, run_checks

UNUSABLE, UNREACHABLE = 3, 4
MAX_FINDINGS_SHOWN = 5
NAMES = [check.name for check in CHECKS]
MARKS = {
    Verdict.PARITY: "[green]equal[/]       ",
    Verdict.DIVERGED: "[red]DIFFERENT[/]   ",
    Verdict.INCONCLUSIVE: "[yellow]INCONCLUSIVE[/]",
    Verdict.OTHER_ARTEFACT: "[red]OTHER[/]       ",
}
EPILOG = """Exit codes: 0 equal; 1 different; 2 inconclusive; 3 the service runs another bundle, or the local one
cannot be used; 4 unreachable, or no service that takes the key.
Example: lockstep parity http://127.0.0.1:5000 --bundle models/msft"""


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
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON and nothing else.")
def parity(
    url: str | None, bundle: Path, api_key: str | None, seed: int, only: tuple[str, ...], skip: tuple[str, ...],
    list_only: bool, as_json: bool,
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
    if url is None or not url.startswith(("http://", "https://")):
        raise click.UsageError("which service? Example: lockstep parity http://127.0.0.1:5000")
    checks = [check for check in CHECKS if check.name in (only or NAMES) and check.name not in skip]
    try:
        loaded = load_bundle(bundle)
        check_evaluation(loaded)
        subject = Subject(ServiceClient(url, api_key, loaded.manifest.symbol), loaded, seed)
        console.print(f"{url} against {bundle}, digest {loaded.manifest.version[:12]}, seed {seed}")
        subject.client.check_access()
        report = run_checks(subject, lambda result: _print_result(console, result), checks)
    except BundleError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(UNUSABLE)
    except NotOurs as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(UNREACHABLE)
    except ServiceUnreachable as error:
        click.echo(f"Error: {error}; is it running? `lockstep serve` starts one", err=True)
        sys.exit(UNREACHABLE)
    if as_json:
        click.echo(msgspec.json.encode(_describe(report, url, subject)))
    _print_verdict(console, report)
    sys.exit(report.verdict.value)


def _print_result(console: Console, result: Result) -> None:
    count = f"{result.comparison.compared} compared in {result.duration_s:.2f} s"
    console.print(f"{MARKS[result.verdict]} {result.check.name:<11} {count}")
    findings = result.comparison.findings
    for line in findings[:MAX_FINDINGS_SHOWN]:
        console.print(f"    {escape(line)}")
    if len(findings) > MAX_FINDINGS_SHOWN:
        console.print(f"    … and {len(findings) - MAX_FINDINGS_SHOWN} more")
    if result.location:
        console.print(f"    {escape(str(result.location))}")
    if result.verdict is Verdict.INCONCLUSIVE:
        console.print(f"    {result.shortfall}")


def _print_verdict(console: Console, report: Report) -> None:
    retries = f", {report.retries} retries" if report.retries else ""
    console.print(
        f"{MARKS[report.verdict]} verdict     {len(report.results)} checks, "
        f"{report.leaves_reached} of the tree's {report.n_leaves} leaves reached{retries}"
    )
    if report.verdict is Verdict.INCONCLUSIVE and report.shortfall:
        console.print(f"    {report.shortfall}")


def _describe(report: Report, url: str, subject: Subject) -> dict[str, object]:
    checks = [
        {
            "name": result.check.name,
            "verdict": result.verdict.name.lower(),
            "compared": result.comparison.compared,
            "level": result.comparison.level,
            "duration_s": round(result.duration_s, 4),
            "findings": result.comparison.findings,
            "location": result.location,
        }
        for result in report.results
    ]
    return {
        "url": url,
        "digest": subject.bundle.manifest.version,
        "seed": subject.seed,
        "verdict": report.verdict.name.lower(),
        "leaves_reached": report.leaves_reached,
        "leaves": report.n_leaves,
        "retries": report.retries,
        "checks": checks,
    }
