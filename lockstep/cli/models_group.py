"""The group `lockstep models`, which lists the versions if no command is named."""

from typing import Any

import click

LISTING = ("list", "ls")
"""What other programs call the command that lists."""


class ModelsGroup(click.Group):
    """The commands of a models folder."""

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        """Return the command that is called; refuse the names of a list with what lists."""
        if args[0] in LISTING:
            raise click.UsageError(f"no command {args[0]!r}: `lockstep models` alone lists the versions", ctx)
        return super().resolve_command(ctx, args)
