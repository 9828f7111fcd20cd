"""A small bundle of each family of models, which the matrix serves and the parity tests use."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lockstep.applications import read_application
from lockstep.bundles.entries import DIRECTION, RETURN
from lockstep.bundles.saving import save_bundle
from lockstep.data.bars import Bars
from lockstep.data.table_csv import RawTable, make_table
from lockstep.features.loading import load_feature_set
from lockstep.training.estimators import CLASSIFIER, REGRESSOR, parse_estimator
from lockstep.training.named_targets import load_target
from lockstep.training.panel.prices import PanelPrices
from lockstep.training.panel.training import train_panel
from lockstep.training.prices import load_prices
from lockstep.training.recipe import DEFAULT_FEATURE_SET, Recipe
from lockstep.training.table_rows import TableRecipe
from lockstep.training.table_training import train_table
from lockstep.training.training import train
from qa.servers import ROOT

PRICES = ROOT / "data" / "MSFT.csv"
N_BARS, TEST_ROWS, N_ROWS, N_SERIES = 640, 120, 240, 8
VALUE, LABEL, MANY = "rent", "is_dear", "district"
TOWNS = ("Bonn", "Gent", "Lyon")


@dataclass(frozen=True)
class SeriesFamily:
    """A model of the newest bars of the repository's price file."""

    name: str
    estimator: str
    target: str = RETURN
    horizon_bars: int = 1

    def train(self, folder: Path) -> Path:
        """Train a bundle into a models folder and return the folder of its version."""
        application = read_application(ROOT)
        features = load_feature_set(DEFAULT_FEATURE_SET, application)
        prices = load_prices(PRICES, "file", features.features)
        newest = prices.bars.select(slice(-N_BARS, None))
        kind = CLASSIFIER if self.target == DIRECTION else REGRESSOR
        recipe = Recipe(
            self.name,
            "MSFT",
            prices.source,
            features,
            test_rows=TEST_ROWS,
            target=load_target(self.target, self.horizon_bars, application),
            estimator=parse_estimator(self.estimator, kind),
        )
        trained = train(Bars(newest.dates, newest.values), prices.calendar, recipe)
        return save_bundle(folder / self.name, trained.manifest, trained.files)


@dataclass(frozen=True)
class PanelFamily:
    """A model of several series: the newest bars of the repository's price file, each time moved another way."""

    name: str
    estimator: str

    def train(self, folder: Path) -> Path:
        """Train a bundle into a models folder and return the folder of its version."""
        application = read_application(ROOT)
        features = load_feature_set(DEFAULT_FEATURE_SET, application)
        prices = load_prices(PRICES, "file", features.features)
        series = {
            f"S{place}": move_prices(prices.bars.select(slice(-N_BARS, None)), place) for place in range(N_SERIES)
        }
        recipe = Recipe(
            self.name, "", prices.source, features, TEST_ROWS, estimator=parse_estimator(self.estimator, REGRESSOR)
        )
        panel = PanelPrices(series, prices.calendar, prices.source, ())
        return train_panel(folder / self.name, panel, recipe).folder


@dataclass(frozen=True)
class TableFamily:
    """A model of a table of flats, of which numbers and categories are missing."""

    name: str
    estimator: str
    target: str

    def train(self, folder: Path) -> Path:
        """Train a bundle into a models folder and return the folder of its version."""
        kind = REGRESSOR if self.target == VALUE else CLASSIFIER
        table = make_flats()
        for name in {VALUE, LABEL, MANY} - {self.target}:
            table = table.without(name)
        trained = train_table(table, TableRecipe(self.name, self.target, parse_estimator(self.estimator, kind)))
        return save_bundle(folder / self.name, trained.manifest, trained.files)


Family = SeriesFamily | PanelFamily | TableFamily

FAMILIES: tuple[Family, ...] = (
    SeriesFamily("forest", "forest(n_estimators=20, min_samples_leaf=5)"),
    SeriesFamily("boosting", "boosting(n_estimators=20)"),
    SeriesFamily("hist-boosting", "hist-boosting(max_iter=20)"),
    SeriesFamily("ridge", "ridge"),
    SeriesFamily("direction-forest", "extra-trees(n_estimators=20, min_samples_leaf=5)", DIRECTION),
    SeriesFamily("direction-logistic", "logistic", DIRECTION),
    SeriesFamily("five-bars", "tree(max_depth=6)", RETURN, 5),
    PanelFamily("panel-forest", "forest(n_estimators=20, min_samples_leaf=20)"),
    TableFamily("table-hist-boosting", "hist-boosting(max_iter=20)", VALUE),
    TableFamily("table-hist-labels", "hist-boosting(max_iter=20)", MANY),
    TableFamily("table-forest", "forest(n_estimators=20)", VALUE),
    TableFamily("table-logistic", "logistic(max_iter=1000)", MANY),
    TableFamily("table-svm", "linear-svm", LABEL),
    TableFamily("table-neighbors", "sklearn.neighbors:KNeighborsClassifier(n_neighbors=5)", LABEL),
)
"""Beside the default bundle, which is one tree; the last has no exact form, so scikit-learn predicts."""


def move_prices(bars: Bars, seed: int) -> Bars:
    """Return bars of the same sessions whose prices walk another way."""
    values = bars.values.copy()
    values[:4] *= np.cumprod(1.0 + np.random.default_rng(seed).normal(0.0, 0.01, len(bars)))
    return Bars(bars.dates, values)


def make_flats(seed: int = 3) -> RawTable:
    """Return flats with gaps: their area, rooms and town, the rent, whether it is dear, and the district."""
    rng = np.random.default_rng(seed)
    area, rooms = rng.normal(70.0, 20.0, N_ROWS).round(1), rng.integers(1, 6, N_ROWS)
    town = rng.choice(TOWNS, N_ROWS)
    rent = 9.0 * area + 40.0 * rooms + np.where(town == TOWNS[0], 150.0, -50.0) + rng.normal(0.0, 60.0, N_ROWS)
    district = np.array(["east", "north", "west"])[np.digitize(rent + rng.normal(0.0, 80.0, N_ROWS), [600.0, 800.0])]
    holed = {"area": _leave_out(area, 0), "rooms": rooms.tolist(), "town": _leave_out(town, 5)}
    is_dear = np.where(rent > np.median(rent), "yes", "no")
    return make_table({**holed, VALUE: rent.tolist(), LABEL: is_dear.tolist(), MANY: district.tolist()})


def _leave_out(values: np.ndarray, first: int) -> list[object]:
    return [None if row % 12 == first else value for row, value in enumerate(values.tolist())]


def train_family(name: str, folder: Path) -> Path:
    """Train the family of a name into a models folder and return the folder of its version."""
    train_one: dict[str, Callable[[Path], Path]] = {family.name: family.train for family in FAMILIES}
    return train_one[name](folder)
