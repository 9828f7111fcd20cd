"""Wrong forecasters: each gets one thing of the real one wrong."""

import dataclasses

import numpy as np

from models.forecast import Forecast, Forecaster
from preprocessing.bars import Array, Bars


class Mutant(Forecaster):
    """Share everything with `original`; a subclass overrides what it gets wrong."""

    def __init__(self, original: Forecaster) -> None:
        self.__dict__.update(original.__dict__)


class IgnoresPostedPrices(Mutant):
    """Look the posted dates up in the store, as the tutorial's service does."""

    def forecast(self, posted: Bars, use_stored: bool = True) -> Forecast:
        stored = self.history.bars
        known = stored.select(np.searchsorted(stored.dates, posted.dates))
        return super().forecast(known, use_stored)


class DropsNewestRow(Mutant):
    """Answer every posted row but the newest."""

    def forecast(self, posted: Bars, use_stored: bool = True) -> Forecast:
        whole = super().forecast(posted, use_stored)
        keep = whole.rows != np.argmax(posted.dates)
        stages = {name: getattr(whole, name)[keep] for name in ("rows", "features", "scaled", "leaf", "prediction")}
        return Forecast(**stages)


class ShiftsAnswersByOne(Mutant):
    """Answer each row with the prediction of the row before."""

    def forecast(self, posted: Bars, use_stored: bool = True) -> Forecast:
        whole = super().forecast(posted, use_stored)
        return dataclasses.replace(whole, prediction=np.roll(whole.prediction, 1))


class DropsScaler(Mutant):
    """Feed the tree with unscaled features."""

    def scale(self, features: Array) -> Array:
        return features
