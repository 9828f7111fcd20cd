"""Feature sets: what a model is fed, as a function of bars.

`FeatureSet` is the extension point. It is the user's code, shared by training and serving, and made of the parts in
`lockstep.features.windows` and `lockstep.features.indicators`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from lockstep.data.bars import Adjusts, Array, Bars


@dataclass(frozen=True)
class FeatureSet:
    """The features of a model, the bars that one row of them reads, and the function that builds them.

    `build` takes bars of consecutive sessions, oldest first, and returns float64 (n_bars, n_columns), NaN in the first
    `lookback_bars - 1` rows and nowhere else. Row t may depend on the `lookback_bars` bars that end in t and on no
    others: that is what makes served and evaluated features equal.

    A set that has to read more declares `whole_history`. Its bars always start with the first stored one, and
    `lookback_bars` only says which row is the first to be answered. Nothing then makes an answer independent of where
    the history starts and of what is posted beside a row.

    `adjusts` says what an adjusted close beside raw prices adjusts: all `prices`, by its ratio to the raw close, or the
    `close` alone, which may then lie outside low … high. A bundle's schema takes it over.

    A set that does not read the volume declares `reads_volume=False`. Price files and posted rows may then leave it
    out, and the bars that `build` gets have none.
    """

    columns: tuple[str, ...]
    lookback_bars: int
    build: Callable[[Bars], Array]
    whole_history: bool = False
    adjusts: Adjusts = "prices"
    reads_volume: bool = True


@dataclass(frozen=True)
class NamedFeatureSet:
    """A feature set with the name by which a bundle finds it again, its file, and the SHA-256 of its source.

    The digest covers the file and each file of the same folder that it imports, with LF line ends. `sources` are those
    files; empty for a set of an installed package, whose version is the package's own affair.
    """

    name: str
    features: FeatureSet
    sources: tuple[str, ...]
    source_sha256: str
