"""A model of many series and the service that should forecast as it does: of each request the series is drawn."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import ClassVar

from lockstep.bundles.panels.bundle import PanelBundle
from lockstep.bundles.selfcheck import check_evaluation
from lockstep.parity.answers import Version
from lockstep.parity.compare import Comparison
from lockstep.parity.difference import Value
from lockstep.parity.doors.peer import Identity
from lockstep.parity.draws import Draws, Origin
from lockstep.parity.local import LocalService, hold_bundle
from lockstep.parity.series import SeriesSubject

FRAMES = "frames"
"""The check of frames of many series."""
SEPARATOR = " "
SERIES_OF = "{}/series"
"""What the series of a request of a check is drawn for; so the request itself is drawn as that of a single series."""
MAX_KEPT = 64
"""Series whose evaluation is kept at once; with all levels of intervals one takes a megabyte."""


@dataclass(frozen=True)
class PanelSubject(SeriesSubject):
    """A service and a panel; `bundle` is one of its series, which stands for what all have alike.

    `touched` are the symbols that were asked for so far.
    """

    panel: PanelBundle = field(kw_only=True)
    touched: set[str] = field(default_factory=set)
    _kept: dict[str, "PickedSubject"] = field(default_factory=dict)

    n_evaluations: ClassVar[int] = 8

    @property
    def kind(self) -> str:
        """Return the kind of model whose checks are run."""
        return self.panel.manifest.kind

    def choose_series(self, check: str, number: int) -> SeriesSubject:
        """Return the series that request `number` of a check is about; a frame of many series is about all of them."""
        return self if check == FRAMES else self.pick(self.draw_symbols(check, number, 1)[0])

    def draw_symbols(self, check: str, number: int, count: int) -> list[str]:
        """Return the symbols of some different series, all if there are no more."""
        draws = Draws(Origin(self.seed, self.panel.manifest.digest, SERIES_OF.format(check), number))
        places: dict[int, None] = {}
        while len(places) < min(count, len(self.panel.index)):
            places[draws.below(len(self.panel.index))] = None
        return [self.panel.index.symbols[place] for place in places]

    def pick(self, symbol: str) -> "PickedSubject":
        """Return one series; raise a `BundleError` if the local one does not reproduce its evaluation."""
        self.touched.add(symbol)
        if (kept := self._kept.get(symbol)) is not None:
            return kept
        bundle = self.panel.pick(symbol)
        check_evaluation(bundle)
        while len(self._kept) >= MAX_KEPT:
            self._kept.pop(next(iter(self._kept)), None)
        sides = (self.client, bundle, self.seed, self.scope, self.protocol)
        picked = PickedSubject(*sides, panel=self.panel, whole=self)
        return self._kept.setdefault(symbol, picked)

    def find_series(self, found: Comparison) -> SeriesSubject:
        """Return the series that was asked when something was found."""
        return self.pick(found.symbol) if found.symbol else self

    def list_evaluated(self, answers: Mapping[str, object]) -> Mapping[str, Value]:
        """Return the evaluated predictions of the series of which there are answers, by symbol and date."""
        symbols = dict.fromkeys(key.rpartition(SEPARATOR)[0] for key in answers)
        return {key: value for symbol in symbols for key, value in self.pick(symbol).list_evaluated(answers).items()}


@dataclass(frozen=True)
class PickedSubject(SeriesSubject):
    """One series of a panel that is proven as a whole; what the service says of itself is asked once for all."""

    whole: PanelSubject = field(kw_only=True)

    @property
    def version(self) -> Version:
        """Return what `/version` says at first."""
        return self.whole.version

    @property
    def identity(self) -> Identity:
        """Return how the server shows which bundle answers."""
        return self.whole.identity

    @cached_property
    def local(self) -> LocalService:
        """Return this side's own doors, around the panel."""
        return replace(self.whole.local, served=hold_bundle(self.bundle, self.served))

    def name_row(self, key: str) -> str:
        """Return the name of a row among those of all series: its symbol and its date."""
        return f"{self.bundle.manifest.symbol}{SEPARATOR}{key}"

    def name_rows(self, found: Comparison) -> Comparison:
        """Return a comparison whose rows are named by symbol and date."""
        name, symbol = self.name_row, self.bundle.manifest.symbol
        return replace(
            found,
            answers={name(key): value for key, value in found.answers.items()},
            missing=tuple(map(name, found.missing)),
            unexpected=tuple(map(name, found.unexpected)),
            repeated=tuple(map(name, found.repeated)),
            differences=tuple(replace(each, key=name(each.key)) for each in found.differences),
            tolerated=tuple(replace(each, key=name(each.key)) for each in found.tolerated),
            divergences=tuple(replace(each, key=name(each.key)) for each in found.divergences),
            faults=tuple(f"{symbol}: {fault}" for fault in found.faults),
            symbol=symbol,
        )
