"""A bundle of many series: each is picked by its symbol, and is then a bundle of one series like any other."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Never

import msgspec
import numpy as np
from msgspec import UNSET, UnsetType

from lockstep.bundles.bundle import MODEL_FILE, SCALER_FILE, Bundle, Finds, Runs, check_file_names
from lockstep.bundles.entries import RETURN
from lockstep.bundles.evaluation import Evaluation
from lockstep.bundles.interval import build_interval, choose_series_levels, list_levels
from lockstep.bundles.manifest import PanelManifest, SeriesManifest
from lockstep.bundles.model import load_model
from lockstep.bundles.panels.arrays import ArrayFile, bars_dtype
from lockstep.bundles.panels.drawing import draw_places
from lockstep.bundles.panels.evaluated import rebuild_evaluation, record_dtype
from lockstep.bundles.panels.index import PanelIndex
from lockstep.bundles.panels.index_lines import BARS, EVALUATION, INDEX_FILE, SeriesEntry
from lockstep.bundles.panels.windows import check_windows
from lockstep.bundles.series import SeriesBundle, find_trained_features, list_features, warn_of_source
from lockstep.bundles.trusted import describe_trusted
from lockstep.bundles.verdicts import VerdictEntry, compare_with_naive
from lockstep.bundles.windows import describe_window, find_learning_rows, list_keys
from lockstep.data.bars import PRICE_COLUMNS, Bars, find_value_problems, in_range, within_limits
from lockstep.data.calendar import Calendar
from lockstep.data.cells import CellReader, Cells
from lockstep.data.schema import BarsSchema, NumberedBars
from lockstep.errors import DigestMismatch, InvalidBundle, UnknownSymbol
from lockstep.features.feature_set import FeatureSet
from lockstep.predict.exact.form import Inputs
from lockstep.predict.forecast import Forecast, Forecaster
from lockstep.predict.history import History
from lockstep.predict.intervals import Levels
from lockstep.predict.model import ModelInputs

BARS_FILE, ROWS_FILE = "bars.npy", "evaluation.npy"
SHARED = sorted(
    set(SeriesManifest.__struct_fields__)
    & set(PanelManifest.__struct_fields__) - {"learning", "test", "scores", "verdict"}
)
"""What the manifest of a series takes over from that of its panel."""


@dataclass(frozen=True)
class PanelBundle(Bundle):
    """A loaded bundle of many series: the index of its series, and the files that hold their bars and test rows.

    It answers nothing itself, and has no evaluation of its own: its series do, see `pick`.
    """

    manifest: PanelManifest
    index: PanelIndex
    stored_bars: ArrayFile
    stored_rows: ArrayFile
    calendar: Calendar
    feature_set: FeatureSet

    def pick(self, symbol: str) -> SeriesBundle:
        """Return one series as a bundle of its own, whose digest is the panel's.

        Its bars and test rows are read, and their digests compared. Raises `UnknownSymbol`, or a `BundleError` if the
        files do not hold what the index says.
        """
        entry = self.index.entry(symbol)
        bars = self._read_bars(entry)
        manifest = self._describe(entry, bars)
        rows = np.frombuffer(self._read(self.stored_rows, EVALUATION, entry, entry.rows), self.stored_rows.dtype)
        keys = list_keys(bars.select(entry.test), self.calendar, manifest.horizon_bars)
        evaluation = rebuild_evaluation(manifest.evaluation, keys, rows, entry.digests)
        manifest = msgspec.structs.replace(manifest, verdict=self._judge(evaluation))
        forecaster = Forecaster(History(bars, self.calendar), self.feature_set, self.model, build_interval(manifest))
        return SeriesBundle(manifest, evaluation, self.model, self.guarantees, self.warnings, bars, forecaster)

    def _read_bars(self, entry: SeriesEntry) -> Bars:
        content = self._read(self.stored_bars, BARS, entry, entry.places)
        numbers = np.frombuffer(content, "<f8").reshape(entry.bars, -1)
        first = int(self.calendar.session_numbers(np.array([entry.first], "datetime64[D]"))[0])
        bars = Bars(self.calendar.dates_from(first, entry.bars), np.ascontiguousarray(numbers.T))
        adjusts = self.manifest.schema.adjusts
        if not (within_limits(bars.values, len(PRICE_COLUMNS)) and in_range(bars.values, adjusts)):
            raise InvalidBundle(f"{BARS_FILE}: {find_value_problems(bars.values, adjusts)[0].reason}")
        return bars

    def _read(self, file: ArrayFile, what: str, entry: SeriesEntry, rows: range) -> bytes:
        content = file.read(rows.start, len(rows))
        if (found := hashlib.sha256(content).hexdigest()) != entry.digests[what]:
            raise DigestMismatch(
                f"{file.name}: the rows of {entry.symbol} have SHA-256 {found[:12]}…, but {entry.digests[what][:12]}… "
                "was evaluated; restore the file or train again"
            )
        return content

    def _describe(self, entry: SeriesEntry, bars: Bars) -> SeriesManifest:
        """Return the manifest of one series; what its digests pin is what the panel's pin."""
        shared = {name: getattr(self.manifest, name) for name in SHARED}
        lookback_bars, horizon_bars = self.manifest.feature_set.lookback_bars, self.manifest.horizon_bars
        learned = bars.dates[find_learning_rows(entry.bars, lookback_bars, horizon_bars, entry.test_rows)]
        return SeriesManifest(
            **shared,
            symbol=entry.symbol,
            learning=describe_window(learned),
            test=describe_window(bars.dates[entry.test]),
            scores=entry.scored.scores,
            naive=entry.scored.naive,
            up_rate=entry.scored.up_rate,
        )

    def _judge(self, evaluation: Evaluation) -> VerdictEntry | UnsetType:
        """Return the verdict of the panel with the test of one series."""
        entry, realised = self.manifest.verdict, evaluation.realised
        if entry is UNSET or self.manifest.target != RETURN or not realised.any():
            return UNSET
        y_true, y_pred = evaluation.y_true[realised], evaluation.y_pred[realised]
        return msgspec.structs.replace(entry, test=compare_with_naive(y_true, y_pred, self.manifest.horizon_bars))

    def draw(self) -> list[str]:
        """Return the symbols of the series that stand for all where there is no time for all; see `draw_places`."""
        return [self.index.symbols[place] for place in draw_places(self.manifest.digest, len(self.index))]

    @property
    def schema(self) -> BarsSchema:
        """Return what the model reads."""
        return self.manifest.schema.build(self.calendar)

    def read_rows(self, names: Sequence[str] | None, columns: Sequence[Cells], reader: CellReader) -> NumberedBars:
        """Refuse rows of no series."""
        return self._refuse()

    @property
    def levels(self) -> range:
        """Return all levels, or none."""
        return list_levels(self.manifest)

    @property
    def lookback_bars(self) -> int:
        """Return how many bars a row of a series needs, its own among them."""
        interval = build_interval(self.manifest)
        return max(self.feature_set.lookback_bars, interval.lookback_bars if interval else 0)

    def choose_levels(self, asked: Levels | None) -> Levels:
        """Return the levels to answer; see `choose_series_levels`."""
        return choose_series_levels(self.manifest, asked)

    def predict(self, rows: Any, use_stored: bool = True, levels: Levels = ()) -> Forecast:
        """Refuse rows of no series."""
        return self._refuse()

    @property
    def inputs(self) -> ModelInputs:
        """Return the features, which are numbers."""
        return list_features(self.feature_set)

    def evaluated_inputs(self) -> Inputs:
        """Return the features of the test bars of the drawn series, one after the other, (n, n_features)."""
        return np.concatenate([self.pick(symbol).evaluated_inputs() for symbol in self.draw()])

    def predict_evaluated(self) -> Forecast:
        """Refuse, as no row is of the panel itself."""
        return self._refuse()

    def describe_choice(self) -> str:
        """Return what a request lacks that names no series, for people."""
        listed = f"one of its {len(self.index)}: {self.index.describe()}"
        return (
            f"the model {self.manifest.name} is of many series: name in `symbol` {listed}. POST /v1/forecast takes it"
        )

    def _refuse(self) -> Never:
        raise UnknownSymbol(self.describe_choice())


def assemble_panel(
    manifest: PanelManifest, contents: Mapping[str, bytes], folder: Path, finds: Finds, runs: Runs
) -> PanelBundle:
    """Return the bundle of files whose digests match, and of the two arrays in `folder`."""
    check_file_names(manifest, {MODEL_FILE, INDEX_FILE}, {SCALER_FILE})
    found, calendar = find_trained_features(manifest, finds), manifest.schema.calendar.build()
    index = PanelIndex(contents[INDEX_FILE].decode(), manifest)
    check_windows(manifest, index, calendar)
    rows = ArrayFile(folder / ROWS_FILE, record_dtype(manifest.evaluation, manifest.classes), manifest.test.rows)
    n_columns = len(manifest.schema.build(calendar).columns)
    bars = ArrayFile(folder / BARS_FILE, bars_dtype(n_columns), int(index.bars.sum()))
    model, guarantees = load_model(manifest, contents, list_features(found.features), runs, finds.trusted)
    warnings = (*warn_of_source(manifest.feature_set, found), *describe_trusted(manifest.trusted, finds.trusted))
    evaluation = Evaluation((), {})
    held = (index, bars, rows, calendar, found.features)
    return PanelBundle(manifest, evaluation, model, guarantees, warnings, *held)
