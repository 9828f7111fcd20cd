"""`lockstep keys`: API keys, of which the service stores only the digest."""

import click

from lockstep.scoring.keys import new_key


@click.group(epilog="Example: lockstep keys new postman")
def keys() -> None:
    """Make API keys."""


@keys.command(epilog="Example: lockstep keys new postman")
@click.argument("name")
def new(name: str) -> None:
    """Make a key called NAME: print it once, and the entry by which a service knows it.

    Add the entry to LOCKSTEP_API_KEYS, after a comma where there are others. Callers send the key in the
    header x-api-key.
    """
    try:
        secret, key = new_key(name)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error
    click.echo(f"key    {secret}")
    click.echo(f"entry  {key.entry}")
    click.echo("The key is shown this once: give it to the caller.", err=True)
    click.echo("Add the entry to the service's LOCKSTEP_API_KEYS, after a comma where there are others.", err=True)
