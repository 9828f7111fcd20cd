"""What more than one command prints of a bundle."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from rich.console import Console

from lockstep.bundles.choosing import write_models_command
from lockstep.bundles.files import MAX_MANIFEST_BYTES, read_regular
from lockstep.bundles.finding import find_version
from lockstep.bundles.manifest import MANIFEST_FILE, Manifest, decode_manifest
from lockstep.bundles.versions import list_versions
from lockstep.errors import BundleError
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


def _find_same(folder: Path, digest: str) -> int | None:
    """Return the oldest other version with a digest, None if there is none; what cannot be read is another one."""
    for version in list_versions(folder.parent):
        with suppress(BundleError, OSError):
            content = read_regular(folder.parent / str(version) / MANIFEST_FILE, MAX_MANIFEST_BYTES)
            if version != int(folder.name) and decode_manifest(content).digest == digest:
                return version
    return None


def print_saved(console: Console, manifest: Manifest, folder: Path) -> None:
    """Print where a bundle is, whether it answers, and what to type next."""
    model, champion = folder.parent, find_version(folder.parent, None)
    is_champion = champion == int(folder.name)
    answers = "the champion" if is_champion else f"which does not answer yet: version {champion} is the champion"
    shown = folder.relative_to(Path.cwd()) if folder.is_relative_to(Path.cwd()) else folder
    console.print(f"bundle    {shown}, digest {manifest.digest[:12]}, {answers}", highlight=False)
    console.print(f"next      lockstep evaluate {shown}    lockstep serve {shown}", highlight=False)
    models = write_models_command(model.parent)
    if same := _find_same(folder, manifest.digest):
        remove = f"{models} remove {model.name} {folder.name}"
        console.print(f"same      as version {same}, to the byte; to remove the copy: {remove}", highlight=False)
    elif not is_champion:
        compare = f"{models} diff {model.name} {champion} {folder.name}"
        console.print(f"          {compare}    {models} promote {model.name} {folder.name}", highlight=False)
