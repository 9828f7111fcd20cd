"""The counts of a replica: for itself, and for Ray, which adds up those of all replicas."""

from collections.abc import Callable, Mapping, Sequence

from lockstep.scoring.counters import Counters, Key, share_memory
from lockstep.scoring.exposition import Family

Export = Callable[[float, dict[str, str]], None]
"""Hands a number to Ray, with the values of the labels of its family."""
ORIGIN = "replica"


class ExportedCounters(Counters):
    """Counters whose every number goes to the family of its key as well."""

    def __init__(self, exports: Mapping[str, tuple[Family, Export]], replica: str) -> None:
        super().__init__(share_memory())
        self._exports, self._labels = exports, dict[Key, dict[str, str]]()
        self.origin = ((ORIGIN, replica),)

    def add(self, key: Key, amount: float = 1.0) -> None:
        """Add to the number of a key."""
        super().add(key, amount)
        if amount > 0:  # Ray counts nothing else
            self._export(key, amount)

    def observe(self, key: Key, value: float, bounds: Sequence[float]) -> None:
        """Count a value in a key's histogram."""
        super().observe(key, value, bounds)
        self._export(key, value)

    def _export(self, key: Key, number: float) -> None:
        family, export = self._exports[key[0]]
        labels = self._labels.get(key)
        if labels is None:
            labels = self._labels[key] = dict(zip(family.labels, key[1:], strict=True))
        export(number, {**labels})
