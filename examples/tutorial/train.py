"""Train the tutorial's model by its own recipe: `python -m examples.tutorial.train PRICES FOLDER/tutorial`."""

import sys
from pathlib import Path

from sklearn.preprocessing import StandardScaler

from lockstep.applications import read_application
from lockstep.bundles.saving import save_bundle
from lockstep.features.loading import load_feature_set
from lockstep.training.learning import Fitted, LearningRows
from lockstep.training.prices import load_prices
from lockstep.training.recipe import Recipe
from lockstep.training.training import Trained, train

ROOT = Path(__file__).parents[2]
FEATURE_SET = "examples/tutorial/features.py:TUTORIAL"
TEST_ROWS = 962
"""The 961 that are published, and the newest bar, whose next return is not known."""
TREE_ROWS = 5250
"""The tree learns from the last training fold of a three-way time-series split of the 7,000 learning rows."""


def fit_tutorial(learning: LearningRows, recipe: Recipe) -> Fitted:
    """Return the scaler, fitted on all learning rows, and the model, fitted on the first `TREE_ROWS` of them."""
    scaler, unfitted = StandardScaler().fit(learning.features), recipe.make(learning.kind)
    scaled = scaler.transform(learning.features)
    return scaler, unfitted.model.fit(scaled[:TREE_ROWS], learning.targets[:TREE_ROWS])


def train_tutorial(prices: Path) -> Trained:
    """Return the bundle of the tutorial's price file, whose newest bar the tutorial drops."""
    found = load_feature_set(FEATURE_SET, read_application(ROOT))
    loaded = load_prices(prices, None, found.features)
    recipe = Recipe("tutorial", "MSFT", loaded.source, found, TEST_ROWS)
    return train(loaded.bars.select(slice(-1)), loaded.calendar, recipe, fit_tutorial)


if __name__ == "__main__":
    trained = train_tutorial(Path(sys.argv[1]))
    save_bundle(Path(sys.argv[2]), trained.manifest, trained.files)
