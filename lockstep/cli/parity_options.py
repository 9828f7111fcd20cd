"""Which options of `lockstep parity` go together; others are refused before any service is asked."""

from pathlib import Path

import click
from click.core import ParameterSource

from lockstep.parity.split.shares import EXAMPLE

COMMANDLINE = ParameterSource.COMMANDLINE
OF_BATCH = ("urls", "batch", "api_key", "seed")
"""The options that mean something beside `--batch`."""


def refuse_options(
    certificate: Path | None, sign: Path | None, check: Path | None, public_key: Path | None,
    reports: dict[str, Path | None],
) -> None:  # fmt: skip
    """Refuse an option whose companion is missing, and a file in a folder that is not there."""
    if sign and not certificate:
        raise click.UsageError("--sign signs a certificate: say where to write it with --certificate FILE")
    if public_key and not check:
        raise click.UsageError("--public-key checks a certificate: name it with --check-certificate FILE")
    for name, path in {**reports, "certificate": certificate}.items():
        if path and not path.absolute().parent.is_dir():
            raise click.UsageError(f"--{name} {path}: there is no folder {path.parent}")


def refuse_versions(expect: str | None, sticky: str | None, version: str | None) -> None:
    """Refuse options that several versions behind one address do not have, or that one version does not."""
    if sticky and not expect:
        raise click.UsageError(f"--sticky checks several versions: name them with --expect {EXAMPLE}")
    if expect and version is not None:
        raise click.UsageError("--expect names the versions: leave --version out")


def refuse_beside_batch() -> None:
    """Refuse options that a comparison with a batch job would not follow."""
    context = click.get_current_context()
    others = (each for each in context.command.params if each.name and each.name not in OF_BATCH)
    given = [each.opts[0] for each in others if context.get_parameter_source(each.name or "") is COMMANDLINE]
    if given:
        raise click.UsageError(f"--batch compares what a job has written by its own model: leave {given[0]} out")
