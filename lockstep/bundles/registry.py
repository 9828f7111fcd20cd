"""The models that a process holds: versions by name, and the aliases that pick one."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from lockstep.bundles.bundle import Bundle
from lockstep.bundles.finding import pick_version
from lockstep.bundles.panels.bundle import PanelBundle
from lockstep.bundles.picking import Gate, PickedSeries
from lockstep.bundles.series import SeriesBundle
from lockstep.data.near import name_nearest
from lockstep.errors import MAX_LISTED, UnknownModel, UnknownSymbol


@dataclass(frozen=True)
class SelfCheck:
    """The outcome of recomputing a bundle's evaluation at boot; `fault` is None if every bit agreed."""

    rows: int
    duration_s: float
    fault: str | None = None


@dataclass(frozen=True)
class Served:
    """One version of a model in a process, the aliases that name it, and its self-check."""

    name: str
    version: int
    aliases: tuple[str, ...]
    bundle: Bundle
    self_check: SelfCheck

    @property
    def symbol(self) -> str | None:
        """Return what a model of a series forecasts, None for a table and for a whole panel."""
        return self.bundle.manifest.symbol if isinstance(self.bundle, SeriesBundle) else None

    def __str__(self) -> str:
        return f"{self.name}/{self.version}"


@dataclass(frozen=True)
class Registry:
    """The versions that a process serves, by model and number; `broken` says what was left out, and why.

    What a request asks for is found in tables, which are made once: a request costs the same with many models.
    """

    served: tuple[Served, ...]
    default: Served
    broken: tuple[str, ...] = ()
    gate: Gate = "enforce"

    def pick(self, model: str | None = None, version: int | str | None = None, symbol: str | None = None) -> Served:
        """Return the version that a request names, of a panel the series; the default's champion if it names nothing.

        `version` is a number or an alias. Raises `UnknownModel` or `UnknownSymbol`, naming what there is, and
        `UnprovenSeries`.
        """
        return self.pick_series(self.choose(model, version, symbol), symbol)

    def choose(self, model: str | None = None, version: int | str | None = None, symbol: str | None = None) -> Served:
        """Return the version that a request names, of a panel the whole; raise `UnknownModel` or `UnknownSymbol`."""
        name = model if model is not None else self._name_of(symbol)
        if (of_model := self._models.get(name)) is None:
            listed = f"{', '.join(self.names)}{name_nearest(name, self.names)}"
            raise UnknownModel(f"no model {name[:40]!r}; models: {listed}")
        found = of_model.versions[pick_version(name, version, list(of_model.versions), of_model.aliases)]
        if symbol is not None and found.symbol != symbol and not isinstance(found.bundle, PanelBundle):
            raise UnknownSymbol(f"the model {name} forecasts {found.symbol}, not {symbol[:20]!r}")
        return found

    def pick_series(self, served: Served, symbol: str | None) -> Served:
        """Return one series of a panel, checked at its first request; any other version as it is.

        Raises `UnknownSymbol` or `UnprovenSeries`.
        """
        if not isinstance(served.bundle, PanelBundle):
            return served
        if symbol is None:
            raise UnknownSymbol(served.bundle.describe_choice())
        picked = self.panels[served.name, served.version].pick(symbol)
        check = SelfCheck(picked.rows, picked.duration_s, picked.fault)
        return replace(served, bundle=picked.bundle, self_check=check)

    @cached_property
    def panels(self) -> "dict[tuple[str, int], PickedSeries]":
        """Return what is known of the series of each panel, by model and version."""
        bundles = {(each.name, each.version): each.bundle for each in self.served}
        return {key: PickedSeries(each, self.gate) for key, each in bundles.items() if isinstance(each, PanelBundle)}

    def find(self, kinds: Sequence[str]) -> Served | None:
        """Return the default version if it is of one of the kinds, else the first that is, None if none is."""
        of_kinds = [each for each in (self.default, *self.served) if each.bundle.manifest.kind in kinds]
        return of_kinds[0] if of_kinds else None

    def _name_of(self, symbol: str | None) -> str:
        if symbol is None:
            return self.default.name
        names = [*self._names_of_symbols.get(symbol, []), *self._list_panels_with(symbol)]
        if not names:
            near = name_nearest(symbol, [*self.symbols, *self._list_panel_symbols()])
            raise UnknownSymbol(
                f"no model for {symbol[:20]!r}; this service forecasts {self._describe_symbols()}{near}"
            )
        if self.default.name in names:
            return self.default.name
        if len(names) > 1:
            raise UnknownSymbol(
                f"{len(names)} models forecast {symbol}: {', '.join(names)}; name one of them in `model`"
            )
        return names[0]

    def _list_panels_with(self, symbol: str) -> list[str]:
        return sorted({name for (name, _), picked in self.panels.items() if symbol in picked.panel.index})

    def _list_panel_symbols(self) -> list[str]:
        return [symbol for picked in self.panels.values() for symbol in picked.panel.index.symbols]

    def _describe_symbols(self) -> str:
        of_panels = (picked.panel.index.describe() for picked in self.panels.values())
        return ", ".join([*self.symbols, *of_panels])

    @cached_property
    def _models(self) -> dict[str, "_Versions"]:
        models: dict[str, _Versions] = {}
        for each in self.served:
            of_model = models.setdefault(each.name, _Versions({}, {}))
            of_model.versions[each.version] = each
            of_model.aliases.update(dict.fromkeys(each.aliases, each.version))
        return models

    @cached_property
    def _names_of_symbols(self) -> dict[str, list[str]]:
        names: dict[str, set[str]] = {}
        for each in self.served:
            if each.symbol is not None:
                names.setdefault(each.symbol, set()).add(each.name)
        return {symbol: sorted(of_symbol) for symbol, of_symbol in names.items()}

    @cached_property
    def names(self) -> list[str]:
        """Return the names of the models, each once."""
        return list(self._models)

    @cached_property
    def symbols(self) -> list[str]:
        """Return the symbols that the models forecast, each once."""
        return list(dict.fromkeys(each.symbol for each in self.served if each.symbol))

    def list_failed(self) -> list[str]:
        """Return why some series of panels are not served by this process, at most `MAX_LISTED` of a panel."""
        # copied at once: another thread may add one meanwhile
        failed = (list(picked.failed.values())[:MAX_LISTED] for picked in self.panels.values())
        return [reason for of_panel in failed for reason in of_panel]

    @cached_property
    def faults(self) -> list[str]:
        """Return why the service is not ready; empty if it is."""
        return [each.self_check.fault for each in self.served if each.self_check.fault]


@dataclass(frozen=True)
class _Versions:
    """The versions of one model by number, and the number that each alias names."""

    versions: dict[int, Served]
    aliases: dict[str, int]
