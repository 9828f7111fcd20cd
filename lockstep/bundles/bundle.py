"""A bundle: the folder that holds everything the service and the parity suite need."""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from lockstep.bundles.evaluation import Evaluation
from lockstep.bundles.manifest import MANIFEST_FILE, Manifest
from lockstep.bundles.trusted import Trusted
from lockstep.data.cells import CellReader, Cells
from lockstep.data.schema import BarsSchema
from lockstep.data.table import TableSchema
from lockstep.errors import DigestMismatch, InvalidBundle
from lockstep.features.feature_set import NamedFeatureSet
from lockstep.predict.exact.form import Inputs
from lockstep.predict.forecast import Forecast
from lockstep.predict.intervals import Levels
from lockstep.predict.model import Model, ModelInputs

SCALER_FILE, MODEL_FILE, EXACT_FILE = "scaler.pkl", "model.pkl", "exact.msgpack"

FindFeatures = Callable[[str], NamedFeatureSet]
Runs = Literal["sealed", "pickles"]
"""What predicts: what the manifest says, or the pickles of any bundle."""


@dataclass(frozen=True)
class Finds:
    """What of the application's own code a bundle needs: a feature set by its name, and trusted classes."""

    find_features: FindFeatures
    trusted: Trusted


@dataclass(frozen=True)
class Bundle(ABC):
    """A loaded bundle: its manifest, its evaluation, its model and what that guarantees of each output.

    `warnings` are what a reader of the log should know, such as feature code that changed since training.
    """

    manifest: Manifest
    evaluation: Evaluation
    model: Model
    guarantees: Mapping[str, str]
    warnings: tuple[str, ...]

    @property
    @abstractmethod
    def schema(self) -> BarsSchema | TableSchema:
        """Return what the model reads."""

    @abstractmethod
    def read_rows(self, names: Sequence[str] | None, columns: Sequence[Cells], reader: CellReader) -> Any:
        """Return the rows by the bundle's schema, in the order posted; raise `InvalidInput` with every bad cell.

        `names` are None for cells in Schema order.
        """

    @property
    @abstractmethod
    def levels(self) -> range:
        """Return the levels of the intervals that the model has, in percent; none if it has no intervals."""

    @abstractmethod
    def choose_levels(self, asked: Levels | None) -> Levels:
        """Return the levels of the intervals to answer; raise `InvalidInput` for those that the model does not have.

        None leaves the choice to the bundle.
        """

    @abstractmethod
    def predict(self, rows: Any, use_stored: bool = True, levels: Levels = ()) -> Forecast:
        """Return the stages of the answerable rows; with `use_stored` the rows of a series reach back.

        `levels` are those of the intervals, chosen by `choose_levels`.
        """

    @property
    @abstractmethod
    def inputs(self) -> ModelInputs:
        """Return the columns that the model reads."""

    @abstractmethod
    def evaluated_inputs(self) -> Inputs:
        """Return what the model is fed with for the evaluated rows."""

    @abstractmethod
    def predict_evaluated(self) -> Forecast:
        """Return the stages of the evaluated rows, computed anew."""


def check_digests(manifest: Manifest, contents: Mapping[str, bytes]) -> None:
    """Raise `DigestMismatch` if a file is not the one that the manifest pins."""
    for name, content in contents.items():
        if (found := hashlib.sha256(content).hexdigest()) != manifest.files[name]:
            raise DigestMismatch(
                f"{name} has SHA-256 {found[:12]}…, but {manifest.files[name][:12]}… was evaluated; "
                "restore the file or train again"
            )


def check_file_names(manifest: Manifest, required: set[str], optional: set[str]) -> None:
    """Raise `InvalidBundle` unless the manifest pins the required files, and no others than the optional ones."""
    required = required | ({EXACT_FILE} if manifest.predictor == "exact" else set())
    if not required <= set(manifest.files) <= required | optional:
        raise InvalidBundle(f"{MANIFEST_FILE} pins {sorted(manifest.files)}; expected {sorted(required)}")
