"""The verdict of a manifest as sentences for people."""

from msgspec import UNSET

from lockstep.bundles.manifest import BarsManifest, PanelManifest, SeriesManifest
from lockstep.bundles.verdicts import VerdictEntry, describe_test, describe_verdict

NO_CHANGE_IS_SERVED = '"No change" is served: no candidate passed the gate.'


def serves_no_change(manifest: SeriesManifest) -> bool:
    """Return whether a selection ended with "no change", which cannot be judged beside itself."""
    return manifest.selection is not UNSET and not manifest.selection.is_gate_passed


def show_verdict(manifest: SeriesManifest) -> list[str]:
    """Return the verdict, then what the test rows say of it; nothing if there is no verdict.

    An experimental interval was not shown to be worth having, so it is no advice to use it.
    """
    if manifest.verdict is UNSET:
        return []
    if serves_no_change(manifest):
        return [NO_CHANGE_IS_SERVED]
    return [_describe(manifest, manifest.verdict), describe_test(manifest.verdict.test)]


def show_panel_verdict(manifest: PanelManifest) -> list[str]:
    """Return the verdict on a model of many series, then what the test sessions say of it; nothing if there is none."""
    if manifest.verdict is UNSET:
        return []
    tested = describe_test(manifest.verdict.test, "test sessions, each the mean over its series")
    return [_describe(manifest, manifest.verdict), tested]


def _describe(manifest: BarsManifest, entry: VerdictEntry) -> str:
    has_interval = manifest.interval is not UNSET and not manifest.interval.experimental
    return describe_verdict(entry, has_interval=has_interval)
