"""What runs: a version of a model, and the process that serves it, for people."""

from collections.abc import Iterator, Mapping

from lockstep.bundles.bundle import Bundle
from lockstep.bundles.registry import SelfCheck
from lockstep.bundles.series import SeriesBundle
from lockstep.bundles.table import TableBundle
from lockstep.predict.exact.model import ExactModel
from lockstep.predict.guarantees import BITS, LABELS, NOTHING, describe_kept
from lockstep.report_card.digits import show_count
from lockstep.report_card.figures import Figure
from lockstep.scoring.settings import UNKNOWN_COMMIT
from lockstep.web.console.choosing import Choice
from lockstep.web.site import Site

PROMISES = {
    BITS: "the same 64 bits as in the evaluation, on every machine",
    LABELS: "the same labels as in the evaluation",
    NOTHING: "no promise; only the labels are the same",
}
MS_PER_S = 1000.0


def show_self_check(choice: Choice) -> Figure:
    """Return what this process recomputed of the evaluation, as a figure."""
    check = choice.answers.self_check
    if check.fault:
        return "Self-check of this process", "failed", check.fault
    kept = describe_kept(choice.answers.bundle.guarantees)
    return "Self-check of this process", f"{show_count(check.rows)} rows", f"recomputed {kept}{_time(check)}"


def _time(check: SelfCheck) -> str:
    return f" in {check.duration_s * MS_PER_S:,.0f} ms"


def list_running(site: Site, choice: Choice) -> dict[str, str]:
    """Return what runs, by name."""
    bundle = choice.answers.bundle
    manifest = bundle.manifest
    commit = site.service.settings.commit
    return {
        "Version": f"{choice.version}{''.join(f', {alias}' for alias in choice.version.aliases)}",
        "Digest": manifest.digest,
        **(_describe_series(bundle) if isinstance(bundle, SeriesBundle) else {}),
        **(_describe_table(bundle) if isinstance(bundle, TableBundle) else {}),
        "Predicted by": _describe_predictor(bundle),
        "Guarantees": "; ".join(_list_promises(bundle.guarantees)),
        "Trained with": _join(manifest.libraries),
        "Runs on": f"{_join(site.libraries)}; {site.machine.system}, {site.machine.cpu}",
        **({} if commit == UNKNOWN_COMMIT else {"Commit": commit}),
    }


def _list_promises(guarantees: Mapping[str, str]) -> Iterator[str]:
    """Return what is promised of each output; outputs of one guarantee stand together."""
    for guarantee in dict.fromkeys(guarantees.values()):
        outputs = " and ".join(output for output, each in guarantees.items() if each == guarantee)
        # the last word of a guarantee such as `tolerance 1e-12`
        tolerated = f"the evaluated numbers, within {guarantee.rsplit(maxsplit=1)[-1]} of them"
        yield f"{outputs}: {PROMISES.get(guarantee, tolerated)}"


def _describe_series(bundle: SeriesBundle) -> dict[str, str]:
    bars, features = bundle.bars, bundle.feature_set
    named = f"{len(features.columns)} of the set {bundle.manifest.feature_set.name}"
    reach = "" if features.whole_history else ": a forecast reads these and no others"
    return {
        "Stored bars": f"{show_count(len(bars))}, {bars.dates[0]} to {bars.dates[-1]}",
        "Calendar": bundle.manifest.schema.calendar.name,
        "Look-back": f"{bundle.lookback_bars} bars{reach}",
        "Features": f"{named}: {', '.join(features.columns)}",
    }


def _describe_table(bundle: TableBundle) -> dict[str, str]:
    rows = show_count(bundle.manifest.test_rows)
    return {
        "Columns": ", ".join(bundle.schema.names),
        "Stored rows": f"{rows} test rows, which the model has not learned from",
    }


def _describe_predictor(bundle: Bundle) -> str:
    if isinstance(bundle.model, ExactModel):
        return "the exact form, without scikit-learn"
    return "scikit-learn, from the pickled model"


def _join(libraries: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {version}" for name, version in libraries.items())
