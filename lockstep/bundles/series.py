"""A bundle of a price series: its bars, its calendar and its feature set."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from lockstep.bundles.bundle import MODEL_FILE, SCALER_FILE, Bundle, Finds, Runs, check_file_names
from lockstep.bundles.entries import FeatureSetEntry
from lockstep.bundles.evaluation import EVALUATION_FILE, parse_evaluation
from lockstep.bundles.interval import build_interval, choose_series_levels, list_evaluated_levels, list_levels
from lockstep.bundles.manifest import BarsManifest, SeriesManifest
from lockstep.bundles.model import load_model
from lockstep.bundles.trusted import describe_trusted
from lockstep.bundles.windows import find_learning_rows
from lockstep.data.bars import Bars
from lockstep.data.calendar import Calendar, fits_exactly
from lockstep.data.cells import CellReader, Cells
from lockstep.data.price_csv import parse_price_csv
from lockstep.data.schema import BarsSchema, NumberedBars
from lockstep.errors import InvalidBundle
from lockstep.features.feature_set import FeatureSet, NamedFeatureSet
from lockstep.predict.exact.form import Inputs, numbers
from lockstep.predict.forecast import Forecast, Forecaster
from lockstep.predict.history import History
from lockstep.predict.intervals import Levels
from lockstep.predict.model import ModelInputs

BARS_FILE = "bars.csv"


@dataclass(frozen=True)
class SeriesBundle(Bundle):
    """A loaded bundle of a series: also its bars (oldest first) and its forecaster."""

    manifest: SeriesManifest
    bars: Bars
    forecaster: Forecaster

    @cached_property
    def schema(self) -> BarsSchema:
        """Return what the model reads."""
        return self.manifest.schema.build(self.calendar)

    @property
    def calendar(self) -> Calendar:
        """Return the calendar whose sessions the bars are."""
        return self.forecaster.history.calendar

    @property
    def is_of_panel(self) -> bool:
        """Return whether the bundle is one series of many, whose model has learned from all of them."""
        return bool(self.evaluation.pinned)

    @property
    def test_bars(self) -> Bars:
        """Return the bars of the evaluation's dates, oldest first."""
        return self.bars.select(slice(-self.manifest.test.rows, None))

    @property
    def learning_rows(self) -> slice:
        """Return the places of the learning rows among the stored bars."""
        manifest = self.manifest
        lookback_bars = manifest.feature_set.lookback_bars
        return find_learning_rows(len(self.bars), lookback_bars, manifest.horizon_bars, manifest.test.rows)

    def read_rows(self, names: Sequence[str] | None, columns: Sequence[Cells], reader: CellReader) -> NumberedBars:
        """Return the bars of a table; see `BarsSchema.read_numbered`."""
        return self.schema.read_numbered(self.schema.name_cells(columns) if names is None else names, columns, reader)

    @property
    def feature_set(self) -> FeatureSet:
        """Return what makes features of bars."""
        return self.forecaster.feature_set

    @property
    def lookback_bars(self) -> int:
        """Return how many bars a row needs, its own among them."""
        return self.forecaster.lookback_bars

    @property
    def levels(self) -> range:
        """Return all levels, or none."""
        return list_levels(self.manifest)

    def choose_levels(self, asked: Levels | None) -> Levels:
        """Return the levels to answer; see `choose_series_levels`."""
        return choose_series_levels(self.manifest, asked)

    def predict(self, rows: NumberedBars, use_stored: bool = True, levels: Levels = ()) -> Forecast:
        """Return the forecast of numbered bars, with intervals of these levels; raise `MissingBars`."""
        return self.forecaster.forecast(rows.bars, use_stored, rows.sessions, levels)

    @property
    def inputs(self) -> ModelInputs:
        """Return the features, which are numbers."""
        return list_features(self.feature_set)

    def evaluated_inputs(self) -> Inputs:
        """Return the features of the test bars, (n, n_features)."""
        return self.predict_evaluated().features

    def predict_evaluated(self) -> Forecast:
        """Return the forecast of the test bars."""
        return self.forecaster.forecast(self.test_bars, levels=list_evaluated_levels(self.manifest))


def list_features(feature_set: FeatureSet) -> ModelInputs:
    """Return what a model of the feature set reads."""
    return ModelInputs(feature_set.columns, numbers(len(feature_set.columns)))


def as_series(bundle: Bundle) -> SeriesBundle:
    """Return the bundle if it is of a series; raise `InvalidBundle` for another."""
    if not isinstance(bundle, SeriesBundle):
        raise InvalidBundle(f"{bundle.manifest.name} is a model of a {bundle.manifest.kind}; expected one of a series")
    return bundle


def assemble_series(manifest: SeriesManifest, contents: Mapping[str, bytes], finds: Finds, runs: Runs) -> SeriesBundle:
    """Return the bundle of files whose digests match."""
    check_file_names(manifest, {MODEL_FILE, BARS_FILE, EVALUATION_FILE}, {SCALER_FILE})
    found = find_trained_features(manifest, finds)
    calendar = manifest.schema.calendar.build()
    schema = manifest.schema.build(calendar)
    bars = parse_price_csv(contents[BARS_FILE].decode(), BARS_FILE, schema)
    if not fits_exactly(calendar, bars.dates):
        raise InvalidBundle(f"{BARS_FILE} has a gap: sessions of {calendar.name} are missing")
    model, guarantees = load_model(manifest, contents, list_features(found.features), runs, finds.trusted)
    evaluation = parse_evaluation(contents[EVALUATION_FILE].decode(), manifest.evaluation)
    forecaster = Forecaster(History(bars, calendar), found.features, model, build_interval(manifest))
    warnings = (*warn_of_source(manifest.feature_set, found), *describe_trusted(manifest.trusted, finds.trusted))
    return SeriesBundle(manifest, evaluation, model, guarantees, warnings, bars, forecaster)


def find_trained_features(manifest: BarsManifest, finds: Finds) -> NamedFeatureSet:
    """Return the feature set of a manifest; raise `InvalidBundle` if the code has another by its name."""
    found = finds.find_features(manifest.feature_set.name)
    if not _is_trained_with(manifest, found):
        raise InvalidBundle(f"the feature set {found.name} of the code is not the one trained with; train again")
    return found


def _is_trained_with(manifest: BarsManifest, found: NamedFeatureSet) -> bool:
    entry, features = manifest.feature_set, found.features
    trained = (entry.columns, entry.lookback_bars, entry.whole_history)
    read = (manifest.schema.adjusts, manifest.schema.reads_volume)
    found_reads = (features.adjusts, features.reads_volume)
    found_is = (list(features.columns), features.lookback_bars, features.whole_history)
    return (trained, read) == (found_is, found_reads)


def warn_of_source(entry: FeatureSetEntry, found: NamedFeatureSet) -> tuple[str, ...]:
    """Return what a reader of the log should know of a feature set; nothing if it is the one of the training."""
    if entry.source_sha256 == found.source_sha256:
        return ()
    changed = " or ".join(found.sources) or found.name
    return (
        f"the feature set {entry.name} was changed since this bundle was trained: see {changed}. "
        "The self-check compares its numbers",
    )
