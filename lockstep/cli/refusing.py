"""What a command prints of rows that are refused."""

import click

from lockstep.errors import InvalidInput


def print_refusal(error: InvalidInput) -> None:
    """Print a line for each problem, and what to do about them if one sentence says so, on standard error."""
    click.echo("\n".join(f"Error: {line}" for line in error.lines), err=True)
    if error.advice:
        click.echo(f"Hint: {error.advice}", err=True)
