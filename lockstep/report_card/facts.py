"""What a model is: from which data it was made, how, and with which versions."""

from collections.abc import Sequence

from lockstep.bundles.entries import Step
from lockstep.bundles.manifest import Manifest, SeriesManifest, TableManifest
from lockstep.report_card.card import Fact
from lockstep.report_card.digits import show_count


def list_series_facts(manifest: SeriesManifest) -> list[Fact]:
    """Return the facts of a model of a series."""
    learning, test, features = manifest.learning, manifest.test, manifest.feature_set
    lines = {
        "Forecasts": f"{manifest.symbol}: {describe_target(manifest)}",
        "Learned from": f"{show_count(learning.rows)} sessions, {learning.first} to {learning.last}",
        "Tested on": f"{show_count(test.rows)} sessions, {test.first} to {test.last}",
        "Reads": f"{len(features.columns)} features of the set {features.name}, {features.lookback_bars} bars",
        "Calendar": manifest.schema.calendar.name,
    }
    return _list_facts({**lines, **_describe_making(manifest)})


def list_table_facts(manifest: TableManifest) -> list[Fact]:
    """Return the facts of a model of a table."""
    names = manifest.schema.names
    lines = {
        "Predicts": manifest.target,
        "Learned from": f"{show_count(manifest.learning_rows)} rows",
        "Tested on": f"{show_count(manifest.test_rows)} test rows, chosen with the seed {manifest.seed}",
        "Reads": f"{len(names)} columns: {', '.join(names)}",
    }
    return _list_facts({**lines, **_describe_making(manifest)})


def describe_target(manifest: SeriesManifest) -> str:
    """Return what is forecast, for people."""
    ahead = " of the next session" if manifest.horizon_bars == 1 else f", {manifest.horizon_bars} sessions ahead"
    return f"{manifest.target}{ahead}"


def _describe_making(manifest: Manifest) -> dict[str, str]:
    guarantees = (f"{output}: {guarantee}" for output, guarantee in manifest.guarantees.items())
    return {
        "Model": describe_steps(manifest.estimator),
        "Data": manifest.source.file or "made in Python",
        "SHA-256 of the data": manifest.source.sha256,
        "Versions": ", ".join(f"{name} {version}" for name, version in manifest.libraries.items()),
        "Parity of the service": ", ".join(guarantees),
        "Digest of the model": manifest.digest,
    }


def describe_steps(steps: Sequence[Step]) -> str:
    """Return the fitted objects in the order of use, each with the parameters that are set."""
    return " → ".join(map(_describe_step, steps))


def _describe_step(step: Step) -> str:
    chosen = (f"{name} {value}" for name, value in step.parameters.items() if value is not None)
    return f"{step.estimator.rpartition('.')[2]} ({', '.join(chosen)})"


def _list_facts(lines: dict[str, str]) -> list[Fact]:
    return [Fact(name, value) for name, value in lines.items()]
