"""What more than one command prints of a bundle."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from lockstep.bundles.choosing import write_models_command
from lockstep.bundles.finding import find_version
from lockstep.bundles.manifest import Manifest
from lockstep.predict.guarantees import describe_guarantees
from lockstep.training.table_training import TrainedTable


def describe_prediction(trained: TrainedTable) -> str:
    """Return what predicts, why that, and what is guaranteed of it."""
    by = f"scikit-learn: {trained.reason}" if trained.reason else "its exact form"
    return f"predicted by {by}; guaranteed: {describe_guarantees(trained.manifest.guarantees)}"


def print_verdict(console: Console, sentences: Sequence[str]) -> None:
    """Print the verdict, a line for each sentence, under its name; nothing if there is none."""
    for name, sentence in zip(("verdict", *[""] * len(sentences)), sentences, strict=False):
        console.print(f"{name:<9} {sentence}", highlight=False)


def print_saved(console: Console, manifest: Manifest, folder: Path) -> None:
    """Print where a bundle is, whether it answers, and what to type next."""
    model, champion = folder.parent, find_version(folder.parent, None)
    is_champion = champion == int(folder.name)
    answers = "the champion" if is_champion else f"which does not answer yet: version {champion} is the champion"
    shown = folder.relative_to(Path.cwd()) if folder.is_relative_to(Path.cwd()) else folder
    console.print(f"bundle    {shown}, digest {manifest.digest[:12]}, {answers}", highlight=False)
    console.print(f"next      lockstep evaluate {shown}    lockstep serve {shown}", highlight=False)
    if not is_champion:
        models = write_models_command(model.parent)
        compare = f"{models} diff {model.name} {champion} {folder.name}"
        console.print(f"          {compare}    {models} promote {model.name} {folder.name}", highlight=False)
