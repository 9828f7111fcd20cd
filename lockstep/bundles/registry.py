"""The models that a process holds: versions by name, and the aliases that pick one."""

from dataclasses import dataclass

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
    """The versions that a process serves, by model and number; `broken` says what was left out, and why."""

    served: tuple[Served, ...]
    default: Served
    broken: tuple[str, ...] = ()

    def pick(self, model: str | None = None, version: int | str | None = None, symbol: str | None = None) -> Served:
        """Return the version that a request names; the default's champion if it names nothing.

        `version` is a number or an alias. Raises `UnknownModel` or `UnknownSymbol`, naming what there is.
        """
        name = model if model is not None else self._name_of(symbol)
        of_model = [each for each in self.served if each.name == name]
        if not of_model:
            raise UnknownModel(f"no model {name[:40]!r}; models: {', '.join(self.names)}")
        aliases = {alias: each.version for each in of_model for alias in each.aliases}
        number = pick_version(name, version, [each.version for each in of_model], aliases)
        found = next(each for each in of_model if each.version == number)
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
        names = sorted({each.name for each in self.served if each.symbol == symbol})
        if not names:
            raise UnknownSymbol(f"no model for {symbol[:20]!r}; this service forecasts {', '.join(self.symbols)}")
        if self.default.name in names:
            return self.default.name
        if len(names) > 1:
            raise UnknownSymbol(
                f"{len(names)} models forecast {symbol}: {', '.join(names)}; name one of them in `model`"
            )
        return names[0]

    @property
    def names(self) -> list[str]:
        """Return the names of the models, each once."""
        return list(dict.fromkeys(each.name for each in self.served))

    @property
    def symbols(self) -> list[str]:
        """Return the symbols that the models forecast, each once."""
        return list(dict.fromkeys(each.symbol for each in self.served if each.symbol))

    @property
    def faults(self) -> list[str]:
        """Return why the service is not ready; empty if it is."""
        return [each.self_check.fault for each in self.served if each.self_check.fault]
