"""What is checked: a service, the bundle that it should be serving, and the seed of all randomness.

The module is long because the class is what every check is given: first what a kind of model brings, then what follows
from it and from what the service says of itself.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from lockstep.bundles.bundle import Bundle
from lockstep.bundles.registry import Registry
from lockstep.bundles.versions import CHAMPION
from lockstep.parity.answers import Limits, ServedModel, Version
from lockstep.parity.client import ServiceClient
from lockstep.parity.compare import Comparison
from lockstep.parity.demand import EXACT, Demand, choose_demand
from lockstep.parity.difference import Value
from lockstep.parity.doors.peer import SILENT, Identity, find_identity, read_version
from lockstep.parity.doors.protocol import Protocol
from lockstep.parity.doors.sheet import Sheet
from lockstep.parity.draws import Draws, Origin
from lockstep.parity.expecting import expect_answer, read_evaluation
from lockstep.parity.local import LocalService, hold_bundle
from lockstep.parity.naming import Named, name_columns
from lockstep.parity.posted import History, Posted, Rows, Trace
from lockstep.parity.reference import Reference
from lockstep.parity.scope import WHOLE, Scope
from lockstep.parity.wish import ANY, Wish
from lockstep.predict.forecast import Forecast
from lockstep.predict.intervals import Levels
from lockstep.predict.stages import PREDICTION


@dataclass(frozen=True)
class Subject(ABC):
    """The two sides of every comparison; a kind of model brings what is posted, and how it is read.

    The suite goes through the door of a `protocol`, or to our own routes.
    """

    client: ServiceClient
    bundle: Bundle
    seed: int
    scope: Scope = WHOLE
    protocol: Protocol | None = None

    route: ClassVar[str]
    """The route of our own API, on which every stage can be seen."""

    most_rows: ClassVar[int]
    """Rows of the largest request: what is larger takes too long to be asked in every run."""

    n_evaluations: ClassVar[int] = 1
    """How many evaluations there are to be posted as a whole."""

    @property
    @abstractmethod
    def tested(self) -> Rows:
        """Return the rows of the evaluation, in its order."""

    @property
    @abstractmethod
    def own_paths(self) -> tuple[str, ...]:
        """Return our own routes that take the rows; `route` is the first."""

    @property
    def paths(self) -> tuple[str, ...]:
        """Return the routes that take any number of rows, or the forms of a protocol that do."""
        return self.own_paths if self.protocol is None else self.protocol.forms(self)

    @property
    @abstractmethod
    def row_bytes(self) -> int:
        """Return more bytes than any row takes in a body."""

    @abstractmethod
    def list_keys(self, rows: Rows) -> list[str]:
        """Return the key of each row."""

    @abstractmethod
    def list_records(self, rows: Rows) -> list[dict[str, Any]]:
        """Return the rows as objects from column to cell, as JSON writes them."""

    @abstractmethod
    def number(self, rows: Rows) -> Any:
        """Return the rows as the bundle reads them."""

    @abstractmethod
    def change(self, rows: Rows, draws: Draws) -> Rows:
        """Return rows of the same keys whose values are others."""

    @abstractmethod
    def draw_old(self, draws: Draws) -> Rows:
        """Return rows that are known on this side, as they are or changed."""

    @abstractmethod
    def find_unchanged(self, rows: Rows) -> NDArray[np.bool_]:
        """Return which rows have to be answered as they were evaluated, if they were: (n,)."""

    @abstractmethod
    def spell(self, rows: Rows, draws: Draws, wish: Wish) -> Sheet:
        """Return the rows in a spelling that is drawn as far as `wish` allows, in any order."""

    @abstractmethod
    def write_own(self, rows: Rows, draws: Draws, wish: Wish) -> Posted:
        """Return the request that posts the rows to one of our own routes."""

    def write(self, rows: Rows, draws: Draws, wish: Wish = ANY) -> Posted:
        """Return the request that posts the rows, written and sent in a way that is drawn as far as `wish` allows."""
        if self.protocol is None:
            return self.write_own(rows, draws, wish)
        return self.protocol.write(self, self.spell(rows, draws, wish), draws, wish)

    @abstractmethod
    def write_body(self, rows: Rows, history: History, trace: Trace | None, levels: Levels | None = None) -> bytes:
        """Return the body that posts the rows to `route` in the plainest form."""

    @property
    @abstractmethod
    def inputs(self) -> tuple[str, ...]:
        """Return the names of what the model is fed with."""

    def name_columns(self, stage: str, width: int, levels: Levels) -> tuple[str, ...]:
        """Return the names of the `width` columns of a stage; `levels` are those of its half widths."""
        return name_columns(self.bundle, Named(self.inputs, levels), stage, width)

    def choose_series(self, check: str, number: int) -> "Subject":
        """Return what request `number` of a check is about: of a panel one of its series, else this."""
        return self

    def find_series(self, found: Comparison) -> "Subject":
        """Return what was asked when something was found: of a panel one of its series, else this."""
        return self

    def name_row(self, key: str) -> str:
        """Return the name of a row among those of all series of the run."""
        return key

    def name_rows(self, found: Comparison) -> Comparison:
        """Return a comparison whose rows are named among those of all series of the run."""
        return found

    def list_evaluated(self, answers: Mapping[str, object]) -> Mapping[str, Value]:
        """Return the evaluated predictions by the names of their rows; of a panel those of the series answered."""
        predictions = self.evaluated.list_outputs([])[PREDICTION]
        return {self.name_row(key): value for key, value in predictions.items()}

    def draws(self, check: str, number: int) -> Draws:
        """Return what request `number` of a check is drawn from."""
        return Draws(Origin(self.seed, self.bundle.manifest.digest, check, number))

    def forecast(self, rows: Rows, history: History = "stored", levels: Levels | None = ()) -> Forecast:
        """Return the local prediction of the rows."""
        return self.bundle.predict(self.number(rows), history == "stored", self.bundle.choose_levels(levels))

    @cached_property
    def evaluated(self) -> Reference:
        """Return the evaluation; see `read_evaluation`."""
        return read_evaluation(self)

    @cached_property
    def places(self) -> Mapping[str, int]:
        """Return the place of each key in the evaluation."""
        return {key: place for place, key in enumerate(self.evaluated.keys)}

    def expect(self, posted: Posted) -> Reference:
        """Return what the service has to answer to what was posted; see `expect_answer`."""
        return expect_answer(self, posted)

    @cached_property
    def version(self) -> Version:
        """Return what `/version` says at first; through a door it may be a server of somebody else, and has none."""
        return self.client.get_version() if self.protocol is None else read_version(self.client)

    def ask_version(self) -> Version:
        """Return what `/version` says now; nothing, if there was none at first."""
        return self.version if self.version is SILENT else self.client.get_version()

    @cached_property
    def identity(self) -> Identity:
        """Return how the server shows which bundle answers."""
        if self.protocol is None or self.version is not SILENT:
            return Identity.SHOWN
        return find_identity(self, self.protocol)

    @property
    def is_ours(self) -> bool:
        """Return whether our own code answers: then all of an answer is compared, else the predictions."""
        return self.identity is not Identity.NOT_SHOWN

    @property
    def version_header(self) -> dict[str, str]:
        """Return the header that names the version; only a service with `/version` has told its name for it."""
        return {"X-Model-Version": str(self.local.served)} if self.identity is Identity.SHOWN else {}

    @cached_property
    def demand(self) -> Demand:
        """Return what is demanded of the version that is proven, of the outputs that are answered."""
        served = self.served
        demand = choose_demand(self.bundle.manifest, self.bundle.model, EXACT if served is None else served.predictor)
        if self.protocol is None or (self.protocol.answers_proba and self.is_ours):
            return demand
        return replace(demand, guarantees={PREDICTION: demand.guarantees[PREDICTION]})

    @property
    def compared_stages(self) -> tuple[str, ...]:
        """Return the stages that are compared, by digest or by value, in the order in which they follow."""
        return tuple(dict.fromkeys((*self.demand.stages, *self.demand.guarantees)))

    @cached_property
    def served(self) -> ServedModel | None:
        """Return what `/version` says of the version that is proven, None if it is not there."""
        name, asked = self.bundle.manifest.name, self.client.version
        named = [each for each in self.version.models if each.name == name]
        found = (each for each in named if (CHAMPION in each.aliases if asked is None else each.version == asked))
        return next(found, None)

    @property
    def kind(self) -> str:
        """Return the kind of model whose checks are run."""
        return self.bundle.manifest.kind

    @property
    def series_name(self) -> dict[str, str]:
        """Return the member that a request for a series of a panel needs; none for any other model."""
        return {}

    @property
    def is_default(self) -> bool:
        """Return whether the version that is proven is the one that answers if a request names none."""
        return self.served is not None and self.served.default

    @cached_property
    def local(self) -> LocalService:
        """Return this side's own doors."""
        served = hold_bundle(self.bundle, self.served)
        return LocalService(served, self.limits.max_rows, Registry((served,), served))

    @property
    def limits(self) -> Limits:
        """Return what the service says that a request may hold."""
        return self.version.limits

    @cached_property
    def max_rows(self) -> int:
        """Return the most rows that one request of the suite posts."""
        limits = self.limits
        return max(1, min(self.most_rows, limits.max_rows, limits.max_body_bytes // self.row_bytes))
