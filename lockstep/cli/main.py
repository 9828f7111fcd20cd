"""The `lockstep` command; each subcommand is imported only when it is called.

So `lockstep verify` and `lockstep serve` run in the web image, which has neither rich nor matplotlib.
"""

import importlib
import importlib.util
import sys
from contextlib import suppress

import click

from lockstep.applications import find_application
from lockstep.cli.refusing import print_refusal
from lockstep.data.near import name_nearest
from lockstep.distribution import DISTRIBUTION, install_command, write_install
from lockstep.errors import InvalidApplication, InvalidInput, LockstepError

COMMANDS = {
    "init": "Write an application into a folder.",
    "train": "Train a model of a price series from a CSV file.",
    "train-panel": "Train one model of many price series.",
    "train-table": "Train a model of a table from a CSV or Parquet file.",
    "import": "Seal a fitted model as a version of a model.",
    "evaluate": "Score a version on its test rows, and draw it.",
    "update": "Train the next version of a model with newer bars.",
    "forecast": "Print the next forecast of a model.",
    "serve": "Serve models over HTTP.",
    "verify": "Check that versions give what was evaluated.",
    "parity": "Prove that a service answers what was evaluated.",
    "batch": "Forecast, backtest or train many series.",
    "drift": "Say whether a model still forecasts as evaluated.",
    "export": "Write a version for MLflow or Nixtla's tools.",
    "ray": "Check what Ray Serve is to run.",
    "models": "List, compare, promote and remove versions.",
    "deploy": "Release to Heroku, prove it, or roll back.",
    "keys": "Make API keys.",
}
"""The commands in the order in which people meet them; `lockstep --help` shows these lines and imports none of them."""

EXTRAS = {
    "forecast": "serve",
    "serve": "serve",
    "verify": "serve",
    "export": "serve",
    "ray": "ray",
    "parity": "parity",
    "drift": "parity",
    "deploy": "parity",
}
"""The extra that brings what a command needs; that of the others is `train`."""

MODULES = {"import": "import_model"}
"""The module of a command whose name is no name in Python."""

STARTED = {"serve": "gunicorn", "ray": "yaml"}
"""What a command runs in a process of its own, and does not import."""
ALONE = {"yaml": "PyYAML"}
"""The package of a module that is all a command needs: `ray check` needs no Ray."""


OUTSIDE = (
    "No lockstep.toml here or above, so this is no application: models are read from the library's own, and cannot be "
    "changed. `lockstep init DIR` writes one of your own into a folder: a service, feature sets, a model, and what "
    "Heroku builds from."
)


class LazyGroup(click.Group):
    """Find subcommands by name in modules of this package."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the subcommands."""
        return list(COMMANDS)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the subcommands; click's own method would import each."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what to begin with: outside of any application, how one is made and what it is."""
        super().format_epilog(ctx, formatter)
        with suppress(InvalidApplication):  # help is given all the same; a command says what is wrong with it
            if find_application().is_packaged:
                formatter.write_paragraph()
                with formatter.indentation():
                    formatter.write_text(OUTSIDE)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that is called; refuse one that there is none of, with the nearest one."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            said = f"{error.message.removesuffix('.')}{name_nearest(args[0], COMMANDS)}"
            raise click.UsageError(said, ctx) from error

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command of `lockstep.cli.<name>`, in whose name a dash is an underscore."""
        if cmd_name not in COMMANDS:
            return None
        try:
            if (started := STARTED.get(cmd_name)) and importlib.util.find_spec(started) is None:
                raise ModuleNotFoundError(name=started)
            name = MODULES.get(cmd_name, cmd_name.replace("-", "_"))
            command: click.Command = getattr(importlib.import_module(f"lockstep.cli.{name}"), name)
        except ModuleNotFoundError as error:
            package = ALONE.get(error.name or "")
            command_line = write_install(package) if package else install_command(EXTRAS.get(cmd_name, "train"))
            raise click.ClickException(
                f"`lockstep {cmd_name}` needs {package or error.name}, not installed here; run: {command_line}"
            ) from error
        return command


@click.group(cls=LazyGroup, epilog="Begin with: lockstep train PRICES.csv --symbol MSFT --out models/msft")
@click.version_option(package_name=DISTRIBUTION)
def group() -> None:
    """Serve scikit-learn models whose deployed answers are provably those of the local evaluation.

    Train a model of prices (`train`) or of a table (`train-table`), or import a fitted one. Look at its evaluation,
    serve it, and prove with `parity` that the service answers what was evaluated: bit for bit, if the model has an
    exact form.
    """


def main() -> None:
    """Run the command; turn an error raised on purpose, or by the file system, into one line and exit code 1."""
    try:
        group()
    except ModuleNotFoundError as error:
        command_line = install_command("serve", "train", "parity")
        click.echo(f"Error: {error.name} is not installed here; run: {command_line}", err=True)
        sys.exit(1)
    except InvalidInput as error:
        print_refusal(error)
        sys.exit(1)
    except (LockstepError, OSError) as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(1)
