"""What is checked: a service, the bundle that it should be serving, and the seed of all randomness."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from lockstep.bundles.bundle import Bundle
from lockstep.bundles.versions import CHAMPION
from lockstep.parity.answers import Answer, ServedModel
from lockstep.parity.client import History, ServiceClient
from lockstep.parity.compare import Comparison, Posted, compare_outputs
from lockstep.parity.demand import EXACT, Demand, choose_demand
from lockstep.parity.difference import Divergence
from lockstep.parity.naming import name_columns
from lockstep.parity.reference import Reference
from lockstep.predict.forecast import Forecast
from lockstep.predict.stages import LEAF, PREDICTION, PROBA, Stages
from lockstep.predict.trace import trace_digests

Rows = Any
"""What is posted: the bars of a series, or the keyed rows of a table; both have a length and `select`."""

Trace = Literal["digests", "values"]


@dataclass(frozen=True)
class Subject(ABC):
    """The two sides of every comparison; a kind of model brings what is posted, and how it is read."""

    client: ServiceClient
    bundle: Bundle
    seed: int

    route: ClassVar[str]

    @property
    @abstractmethod
    def tested(self) -> Rows:
        """Return the rows of the evaluation, in its order."""

    @abstractmethod
    def list_keys(self, rows: Rows) -> list[str]:
        """Return the key of each row."""

    @abstractmethod
    def forecast(self, rows: Rows, history: History = "stored") -> Forecast:
        """Return the local prediction of the rows."""

    @abstractmethod
    def change(self, rows: Rows, rng: np.random.Generator) -> Rows:
        """Return rows of the same keys whose values are others, drawn from `rng`."""

    @abstractmethod
    def write_body(self, posted: Posted, trace: Trace | None) -> bytes:
        """Return the body that posts the rows to `route`."""

    @abstractmethod
    def ask(self, posted: Posted) -> Answer:
        """Return what `route` answers, with the digests of every stage."""

    @abstractmethod
    def find_frame_faults(self, rows: Rows, answer: Answer) -> tuple[str, ...]:
        """Return what in the answered frame, beside the outputs, does not follow from the rows."""

    @property
    @abstractmethod
    def inputs(self) -> tuple[str, ...]:
        """Return the names of what the model is fed with."""

    def name_columns(self, stage: str, width: int) -> tuple[str, ...]:
        """Return the names of the `width` columns of a stage."""
        return name_columns(self.bundle, self.inputs, stage, width)

    def compare_routes(self, rows: Rows, changed: bool = False) -> Comparison:
        """Compare the answers of every route that takes the rows."""
        return self.compare(rows, changed=changed)

    @cached_property
    def evaluated(self) -> Reference:
        """Return the evaluation: outputs as the file has them, stages as all its rows together give them."""
        evaluation = self.bundle.evaluation
        outputs: Stages = {PREDICTION: evaluation.y_pred}
        proba = [cells for column, cells in evaluation.stage_cells.items() if column.stage == PROBA]
        if proba:
            outputs[PROBA] = np.stack(proba, axis=1)
        return Reference(evaluation.keys, {**self.forecast(self.tested).stages, **outputs})

    @cached_property
    def demand(self) -> Demand:
        """Return what is demanded of the version that is proven."""
        served = self.served
        return choose_demand(self.bundle.manifest, self.bundle.model, EXACT if served is None else served.predictor)

    @property
    def compared_stages(self) -> tuple[str, ...]:
        """Return the stages that are compared, by digest or by value, in the order in which they follow."""
        return tuple(dict.fromkeys((*self.demand.stages, *self.demand.guarantees)))

    @cached_property
    def served(self) -> ServedModel | None:
        """Return what `/version` says of the version that is proven, None if it is not there."""
        name, asked = self.bundle.manifest.name, self.client.version
        named = [each for each in self.client.get_version().models if each.name == name]
        found = (each for each in named if (CHAMPION in each.aliases if asked is None else each.version == asked))
        return next(found, None)

    @property
    def is_default(self) -> bool:
        """Return whether the version that is proven is the one that answers if a request names none."""
        return self.served is not None and self.served.default

    def random(self) -> np.random.Generator:
        """Return a fresh generator of the seed, so that a check draws the same whatever ran before it."""
        return np.random.default_rng(self.seed)

    def draw_rows(self, count: int) -> NDArray[np.intp]:
        """Return up to `count` seeded random positions in `tested`, sorted, the last always among them."""
        newest = len(self.tested) - 1
        older = self.random().permutation(newest)[: count - 1]
        return np.sort(np.append(older, newest))

    def expect(self, posted: Posted) -> Reference:
        """Return what the service has to answer to what was posted.

        For changed rows that is their local prediction. For evaluated ones it is what was evaluated, whatever was
        posted beside them: a local prediction that depends on its neighbours must not prove the service's.
        """
        if posted.changed:
            local, keys = self.forecast(posted.rows, posted.history), self.list_keys(posted.rows)
            return Reference([keys[row] for row in local.rows.tolist()], local.stages)
        judged = self.list_keys(posted.rows if posted.only is None else posted.only)
        return self.evaluated.select(sorted(self._places[key] for key in judged if key in self._places))

    @cached_property
    def _places(self) -> Mapping[str, int]:
        return {key: place for place, key in enumerate(self.evaluated.keys)}

    def compare(self, rows: Rows, history: History = "stored", only: Rows = None, changed: bool = False) -> Comparison:
        """Post the rows and compare each answer with what is expected of it, outputs and stages."""
        posted = Posted(rows, history, only, changed)
        reference = self.expect(posted)
        answer = self.ask(posted)
        faults = self.find_frame_faults(rows, answer)
        wanted = set(reference.keys)
        if only is None:  # neither side predicts the rows that were posted as look-back
            pairs = zip(answer.keys, answer.predictions, strict=True)
            wanted |= {key for key, value in pairs if value is not None}
        untold = [stage for stage in self.demand.stages if stage not in answer.trace]
        if untraced := len(set(reference.keys) - set([] if untold else answer.traced_keys)):
            faults += (f"{untraced} rows came without the digests of their stages that were asked for",)
        compared = self.compare_outputs(reference, answer.restrict(wanted))
        found = replace(
            compared,
            faults=(*faults, *compared.faults),
            divergences=() if untold else self._compare_stages(reference, answer),
            leaves=frozenset(reference.stages.get(LEAF, np.zeros(0, np.int64)).tolist()),
        )
        return replace(found, posted=posted) if found.findings else found

    def compare_outputs(self, reference: Reference, answer: Answer) -> Comparison:
        """Return the comparison of the outputs of an answer alone."""
        expected = reference.list_outputs(self.bundle.manifest.classes)
        guarantees = {column: self.demand.of_column(column) for column in expected}
        return compare_outputs(expected, answer.keys, answer.outputs, guarantees)

    def _compare_stages(self, reference: Reference, answer: Answer) -> tuple[Divergence, ...]:
        local = trace_digests({stage: reference.stages[stage] for stage in self.demand.stages})
        served = {key: row for row, key in enumerate(answer.traced_keys)}
        found = []
        for row, key in enumerate(reference.keys):
            if key in served:
                differing = (stage for stage in local if local[stage][row] != answer.trace[stage][served[key]])
                if stage := next(differing, None):
                    found.append(Divergence(key, stage))
        return tuple(found)
