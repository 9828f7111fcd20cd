"""Make the report card of a loaded bundle."""

from lockstep.bundles.bundle import Bundle
from lockstep.bundles.series import as_series
from lockstep.bundles.table import TableBundle
from lockstep.report_card.card import ReportCard
from lockstep.report_card.series_card import make_series_card
from lockstep.report_card.table_card import make_table_card


def make_report_card(bundle: Bundle, version: int) -> ReportCard:
    """Return the card of a version of a model; the predictions of its test rows are computed anew."""
    if isinstance(bundle, TableBundle):
        return make_table_card(bundle, version)
    return make_series_card(as_series(bundle), version)
