"""The models that a process holds: versions by name, and the aliases that pick one."""

from dataclasses import dataclass
from functools import cached_property

from lockstep.bundles.bundle import Bundle
from lockstep.bundles.series import SeriesBundle
from lockstep.bundles.versions import pick_version
from lockstep.errors import UnknownModel, UnknownSymbol


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
        """Return what a model of a series forecasts."""
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

    def pick(self, model: str | None = None, version: int | str | None = None, symbol: str | None = None) -> Served:
        """Return the version that a request names; the default's champion if it names nothing.

        `version` is a number or an alias. Raises `UnknownModel` or `UnknownSymbol`, naming what there is.
        """
        name = model if model is not None else self._name_of(symbol)
        if (of_model := self._models.get(name)) is None:
            raise UnknownModel(f"no model {name[:40]!r}; models: {', '.join(self.names)}")
        found = of_model.versions[pick_version(name, version, list(of_model.versions), of_model.aliases)]
        if symbol is not None and found.symbol != symbol:
            raise UnknownSymbol(f"the model {name} forecasts {found.symbol}, not {symbol[:20]!r}")
        return found

    def find(self, kind: str) -> Served | None:
        """Return the default version if it is of the kind, else the first that is, None if none is."""
        of_kind = [each for each in (self.default, *self.served) if each.bundle.manifest.kind == kind]
        return of_kind[0] if of_kind else None

    def _name_of(self, symbol: str | None) -> str:
        if symbol is None:
            return self.default.name
        names = self._names_of_symbols.get(symbol, [])
        if not names:
            raise UnknownSymbol(f"no model for {symbol[:20]!r}; this service forecasts {', '.join(self.symbols)}")
        if self.default.name in names:
            return self.default.name
        if len(names) > 1:
            raise UnknownSymbol(
                f"{len(names)} models forecast {symbol}: {', '.join(names)}; name one of them in `model`"
            )
        return names[0]

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

    @cached_property
    def faults(self) -> list[str]:
        """Return why the service is not ready; empty if it is."""
        return [each.self_check.fault for each in self.served if each.self_check.fault]


@dataclass(frozen=True)
class _Versions:
    """The versions of one model by number, and the number that each alias names."""

    versions: dict[int, Served]
    aliases: dict[str, int]
