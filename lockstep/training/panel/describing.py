"""What a manifest says of a trained model of many series."""

from msgspec import UNSET

from lockstep.bundles.entries import FeatureSetEntry, IntervalEntry, SchemaEntry, Window
from lockstep.bundles.fitted_state.steps import describe_steps, list_classes
from lockstep.bundles.libraries import installed_libraries
from lockstep.bundles.manifest import PanelManifest
from lockstep.data.calendar import Calendar
from lockstep.predict.intervals import RollingInterval
from lockstep.training.learning import Fitted
from lockstep.training.recipe import Recipe

NO_ROWS = Window("", "", 0)


def describe_panel(
    recipe: Recipe, calendar: Calendar, fitted: Fitted, interval: RollingInterval | None
) -> PanelManifest:
    """Return the manifest of a panel, without what predicts, what is promised of it and what follows from the series.

    It is not sealed.
    """
    named, features = recipe.feature_set, recipe.feature_set.features
    return PanelManifest(
        schema_version=2,
        name=recipe.name,
        series=0,
        schema=SchemaEntry.describe(calendar, features),
        feature_set=FeatureSetEntry(
            named.name, list(features.columns), features.lookback_bars, features.whole_history, named.source_sha256
        ),
        target=recipe.target.name,
        horizon_bars=recipe.target.horizon_bars,
        learning=NO_ROWS,
        test=NO_ROWS,
        estimator=describe_steps(*fitted),
        classes=list_classes(fitted[1]),
        scores={},
        interval=UNSET if interval is None else IntervalEntry.describe(interval),
        predictor="exact",
        guarantees={},
        evaluation=[],
        libraries=installed_libraries(),
        source=recipe.source,
        files={},
    )
