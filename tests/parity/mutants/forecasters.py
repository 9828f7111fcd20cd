"""Wrong forecasters: each gets one thing of the real one wrong."""

import dataclasses
import threading
import time

import numpy as np

from lockstep.data.bars import Array, Bars
from lockstep.predict.exact.model import ExactModel
from lockstep.predict.forecast import Forecast, Forecaster
from lockstep.predict.history import Gathered, History, Numbers
from lockstep.predict.intervals import UNMEASURED, Levels, Measured
from lockstep.predict.stages import FEATURES, SCALED, Stages

RETURN, RSI, VOLUME = 0, 9, 15


def with_prediction(forecast: Forecast, prediction: Array) -> Forecast:
    return dataclasses.replace(forecast, stages={**forecast.stages, "prediction": prediction})


class Mutant(Forecaster):
    """Share everything with `original`; a subclass overrides what it gets wrong."""

    def __init__(self, original: Forecaster) -> None:
        self.__dict__.update(original.__dict__)


class IgnoresPostedPrices(Mutant):
    """Look the posted dates up in the store, as the tutorial's service does."""

    def forecast(
        self, posted: Bars, use_stored: bool = True, sessions: Numbers | None = None, levels: Levels = ()
    ) -> Forecast:
        stored = self.history.bars
        known = stored.select(np.searchsorted(stored.dates, posted.dates))
        return super().forecast(known, use_stored, levels=levels)


class DropsNewestRow(Mutant):
    """Answer every posted row but the newest."""

    def forecast(
        self, posted: Bars, use_stored: bool = True, sessions: Numbers | None = None, levels: Levels = ()
    ) -> Forecast:
        whole = super().forecast(posted, use_stored, sessions, levels)
        keep = whole.rows != np.argmax(posted.dates)
        return whole.select(np.flatnonzero(keep))


class KeepsLastNewRowOnly(Mutant):
    """Of several rows after a gap-free history keep the last: answer the others with its prediction."""

    def forecast(
        self, posted: Bars, use_stored: bool = True, sessions: Numbers | None = None, levels: Levels = ()
    ) -> Forecast:
        whole = super().forecast(posted, use_stored, sessions, levels)
        return with_prediction(whole, np.full_like(whole.prediction, whole.prediction[-1]))


class ShiftsAnswersByOne(Mutant):
    """Answer each row with the prediction of the row before."""

    def forecast(
        self, posted: Bars, use_stored: bool = True, sessions: Numbers | None = None, levels: Levels = ()
    ) -> Forecast:
        whole = super().forecast(posted, use_stored, sessions, levels)
        return with_prediction(whole, np.roll(whole.prediction, 1))


class ScalesWrongly(Mutant):
    """Scale the features in a way of its own."""

    def scale(self, features: Array) -> Array:
        return exact(self).scale(features)  # type: ignore[return-value]  # numbers in, numbers out

    def predict(self, features: Array, measured: Measured = UNMEASURED) -> Stages:
        scaled = self.scale(features)
        return {FEATURES: features, **measured.stages, SCALED: scaled, **exact(self).estimate(scaled)}


def exact(forecaster: Forecaster) -> ExactModel:
    assert isinstance(forecaster.model, ExactModel)
    return forecaster.model


class DropsScaler(ScalesWrongly):
    """Feed the tree with unscaled features."""

    def scale(self, features: Array) -> Array:
        return features


class RefitsScaler(ScalesWrongly):
    """Fit the scaler anew on the rows of the request."""

    def scale(self, features: Array) -> Array:
        deviation = features.std(axis=0)
        return (features - features.mean(axis=0)) / np.where(deviation > 0.0, deviation, 1.0)


class CentresOnBatch(ScalesWrongly):
    """Subtract a little of the batch's own mean."""

    def scale(self, features: Array) -> Array:
        scaled = super().scale(features)
        return scaled - 1e-9 * scaled.mean(axis=0)


class SwapsTwoColumns(Mutant):
    """Build the features in another order than they were learned in."""

    def build_features(self, bars: Bars) -> Array:
        features = super().build_features(bars)
        features[:, [1, 2]] = features[:, [2, 1]]
        return features


class LooksOneBarAhead(Mutant):
    """Leak the next bar into one feature, as `shift(-1)` does."""

    def build_features(self, bars: Bars) -> Array:
        features = super().build_features(bars)
        features[:-1, RETURN] = features[1:, RETURN].copy()
        return features


class UsesShortWindow(Mutant):
    """Take the mean of 199 closes for that of 200."""

    def build_features(self, bars: Bars) -> Array:
        features = super().build_features(bars)
        values = bars.values.copy()
        values[3, :-199] = values[3, 1:-198]
        features[-1] = super().build_features(Bars(bars.dates, values))[-1]
        return features


class RoundsToFloat32(Mutant):
    """Compute the features in float32."""

    def build_features(self, bars: Bars) -> Array:
        return super().build_features(bars).astype(np.float32).astype(np.float64)


class SumsFromStartOfHistory(Mutant):
    """Take window sums as differences of a sum that runs from the first bar it has."""

    def build_features(self, bars: Bars) -> Array:
        features = super().build_features(bars)
        running = np.cumsum(features[199:, RETURN])
        features[199:, RETURN] = np.diff(running, prepend=0.0)
        return features


class GrowsWithHistory(Mutant):
    """Take a mean that starts with the first bar it has, in training as in service."""

    def build_features(self, bars: Bars) -> Array:
        features = super().build_features(bars)
        running = np.cumsum(features[199:, RSI])
        features[199:, RSI] = running / np.arange(1, running.size + 1)
        return features


class TurnsZeroToNothing(Mutant):
    """Replace what it takes for missing, a volume feature of 0 or an odd value, by 0."""

    def build_features(self, bars: Bars) -> Array:
        features = super().build_features(bars)
        features[:, VOLUME] = np.where(np.abs(features[:, VOLUME]) < 0.05, 0.0, features[:, VOLUME])
        return features


class PrefersHistory(Mutant):
    """Let a stored bar win over a posted one of the same date."""

    def __init__(self, original: Forecaster) -> None:
        super().__init__(original)
        self.history = StubbornHistory(original.history.bars, original.history.calendar)


class StubbornHistory(History):
    """Keep the stored values of dates that are posted."""

    def gather(
        self, posted: Bars, sessions: Numbers, lookback_bars: int, use_stored: bool = True, whole: bool = False
    ) -> Gathered:
        values = posted.values.copy()
        places = np.searchsorted(self.bars.dates, posted.dates).clip(max=len(self.bars) - 1)
        known = self.bars.dates[places] == posted.dates
        values[:, known] = self.bars.values[:, places[known]]
        return super().gather(Bars(posted.dates, values), sessions, lookback_bars, use_stored, whole)


class SharesBuffer(ScalesWrongly):
    """Keep the scaled rows of all threads in one place."""

    shared: Array | None = None

    def predict(self, features: Array, measured: Measured = UNMEASURED) -> Stages:
        self.shared = scaled = self.scale(features)
        time.sleep(0.002 * (threading.get_ident() % 7) / 7)
        mixed = self.shared if self.shared.shape == scaled.shape else np.resize(self.shared, scaled.shape)
        return {FEATURES: features, **measured.stages, SCALED: scaled, **exact(self).estimate(mixed)}


class Drifts(Mutant):
    """Answer a little differently each time."""

    calls = 0

    def forecast(
        self, posted: Bars, use_stored: bool = True, sessions: Numbers | None = None, levels: Levels = ()
    ) -> Forecast:
        self.calls += 1
        whole = super().forecast(posted, use_stored, sessions, levels)
        return with_prediction(whole, whole.prediction * (1.0 + self.calls * 2.0**-52))
