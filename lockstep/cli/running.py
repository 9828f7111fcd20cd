"""One run of the parity suite, from the options of the command to its record."""

import datetime
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click
from rich.console import Console

from lockstep.bundles.bundle import Bundle
from lockstep.bundles.choosing import Choice
from lockstep.bundles.reading import load_bundle
from lockstep.bundles.selfcheck import check_evaluation
from lockstep.bundles.versions import CHAMPION
from lockstep.cli.wanted import Wanted, list_numbers
from lockstep.parity.answers import NotOurs, ServedModel, ServiceError, ServiceUnreachable
from lockstep.parity.checks import PANEL_CHECKS, Check
from lockstep.parity.client import ServiceClient
from lockstep.parity.doors.peer import Identity
from lockstep.parity.record import Record
from lockstep.parity.recording import record_run
from lockstep.parity.reports.console import ConsoleReport, show
from lockstep.parity.scope import Scope
from lockstep.parity.split.checks import SPLIT_CHECKS
from lockstep.parity.split.shares import ADVISE_EXPECT
from lockstep.parity.subject import Subject
from lockstep.parity.subjects import list_checks, make_subject
from lockstep.parity.suite import run_checks

UNREACHABLE = 4
MAX_SHOWN_CHARACTERS = 200
N_ASKED = 8
"""How often a service is asked once more who it is; of two halves behind one address, both then answer but in 0.4 %."""
NAMES = [*dict.fromkeys(check.name for check in (*PANEL_CHECKS, *SPLIT_CHECKS))]


class OtherBundle(ServiceError):
    """A service that holds no version of the model that is to be proven."""


@dataclass(frozen=True)
class Run:
    """What the options say of a run; `options` are those that chose the bundle and the door."""

    chosen: Choice
    seed: int
    only: tuple[Wanted, ...]
    skip: tuple[str, ...]
    sign: Path | None
    options: tuple[str, ...]
    door: str = ""
    symbol: str | None = None

    def list_checks(self, bundle: Bundle) -> list[Check]:
        """Return the checks of the bundle that are wanted."""
        return [check for check in list_checks(bundle, self.door, self.symbol) if self.wants(check.name)]

    def wants(self, check: str) -> bool:
        """Return whether a check is wanted."""
        return check not in self.skip and (not self.only or check in {each.check for each in self.only})


def run_suite(console: Console, client: ServiceClient, run: Run) -> Record:
    """Return the record of the run; end the process where there is none, saying why."""
    bundle = load_bundle(run.chosen.folder)
    checks = run.list_checks(bundle)
    shown = ConsoleReport(console, len(checks))
    with ending_unreachable(), shown:
        check_evaluation(bundle)
        if run.sign:
            from lockstep.cli import certifying  # cryptography is slow to import

            certifying.read_signing_key(run.sign)
        client.model = bundle.manifest.name
        scope = Scope(list_numbers(run.only), run.options, run.symbol)
        subject = make_subject(client, bundle, run.seed, scope, door=run.door)
        what = f"{run.chosen.folder}, series {run.symbol}" if run.symbol else str(run.chosen.folder)
        against = f"{client.url} against {what}, digest {bundle.manifest.digest[:12]}, seed {run.seed}"
        console.print(show(f"{against}, through the door {run.door}" if run.door else against))
        checks = _meet(console, subject, checks)
        started = datetime.datetime.now(datetime.UTC)
        report = run_checks(subject, shown.finish, checks, shown.start)
        record = record_run(subject, report, subject.ask_version(), started)
    shown.conclude(record)
    return record


@contextmanager
def ending_unreachable() -> Iterator[None]:
    """End with 4 if no answer comes, or none of a service that lets us in."""
    try:
        yield
    except NotOurs as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(UNREACHABLE)
    except ServiceUnreachable as error:
        click.echo(f"Error: {error}; is it running? `lockstep serve` starts one", err=True)
        sys.exit(UNREACHABLE)


def _meet(console: Console, subject: Subject, checks: list[Check]) -> list[Check]:
    """Return the checks that the server lets us make; raise `NotOurs` or `OtherBundle` if there are none."""
    if subject.identity is Identity.SHOWN:
        subject.client.check_access()
        _refuse_other_models(subject.client, subject.bundle)
        _refuse_nameless(subject)
        return checks
    hidden = subject.identity.hidden
    left_out = f", so these checks are left out: {', '.join(hidden)}" if hidden else ""
    console.print(show(f"identity {subject.identity}: the server has no /version like ours{left_out}"))
    return [check for check in checks if check.name not in hidden]


def _refuse_nameless(subject: Subject) -> None:
    protocol = subject.protocol
    if protocol and not (protocol.names_model or subject.is_default):
        default = next((str(each.name) for each in subject.version.models if each.default), "another one")
        raise OtherBundle(
            f"requests through the door {protocol.name} name no model, and {subject.client.url} answers them with "
            f"{default}: make {subject.bundle.manifest.name} the `default` in lockstep.toml, or serve it alone"
        )


def _refuse_other_models(client: ServiceClient, bundle: Bundle) -> None:
    """Raise `OtherBundle` if the version that answers has another digest, before any check runs."""
    served, digest = refuse_missing_model(client, bundle), bundle.manifest.digest
    named = client.version is not None
    asked = served if named else [model for model in served if CHAMPION in model.aliases]
    if asked and digest not in [model.digest for model in asked]:
        other, name = asked[0], bundle.manifest.name
        advice = "if that one was promoted or trained here, deploy it, or send SIGHUP to the master"
        raise OtherBundle(
            f"{client.url} answers with {name}/{other.version}, digest {other.digest[:12]}, not with digest "
            f"{digest[:12]}; {ADVISE_EXPECT if _is_shared(client) else advice}"
        )


def _is_shared(client: ServiceClient) -> bool:
    """Return whether several processes answer that hold different versions: one of the next answers says so."""
    answers = [client.get_version().models for _ in range(N_ASKED)]
    return any(models != answers[0] for models in answers)


def refuse_missing_model(client: ServiceClient, bundle: Bundle) -> list[ServedModel]:
    """Return the versions of the model among which the proven one has to be; raise `OtherBundle` if there are none."""
    name, models = bundle.manifest.name, client.get_version().models
    served = [model for model in models if model.name == name and client.version in (None, model.version)]
    if not served:
        told = ", ".join(f"{model.name}/{model.version}" for model in models)[:MAX_SHOWN_CHARACTERS] or "nothing"
        wanted = name if client.version is None else f"{name}/{client.version}"
        raise OtherBundle(f"{client.url} serves {told}, not {wanted}; name what it serves with --model or --bundle")
    return served
