"""What the bundle of a panel states of all its series together: the means of their scores, and the verdict."""

from lockstep.bundles.comparing import require_scores
from lockstep.bundles.panels.bundle import PanelBundle
from lockstep.bundles.panels.means import average_scores
from lockstep.bundles.panels.verdict import check_panel_verdict


def check_panel_statements(bundle: PanelBundle) -> None:
    """Raise a `BundleError` if scores are not the means of those of the series, or the verdict is not that of all rows.

    Each series is checked by itself; windows and counts are compared when the bundle is loaded.
    """
    scored = [bundle.index.entry(symbol).scored.scores for symbol in bundle.index.symbols]
    require_scores(bundle.manifest.name, bundle.manifest.scores, average_scores(scored))
    check_panel_verdict(bundle)
