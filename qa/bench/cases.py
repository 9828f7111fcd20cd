"""What the clients post: the newest rows of the default price file, as the tutorial's client writes them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from lockstep.bundles.reading import load_series
from lockstep.doors.plain import encode_predictions
from qa.default_bundle import DEFAULT_BUNDLE
from qa.servers import ROOT

PRICES = ROOT / "data" / "MSFT.csv"


@dataclass(frozen=True)
class Case:
    """A body of `rows` bars, the answer that a bundle's evaluation has for it, and what else is `also` right."""

    rows: int
    body: bytes
    answer: bytes
    also: tuple[bytes, ...] = ()


def make_cases(rows: Sequence[int], bundle: Path = DEFAULT_BUNDLE, *others: Path) -> list[Case]:
    """Return a case for each number of rows, right for any of the bundles; they evaluate the file's last rows."""
    prices = pd.read_csv(PRICES)
    evaluated = [load_series(each).evaluation.y_pred for each in (bundle, *others)]
    cases = []
    for count in rows:
        answer, *also = (encode_predictions(y_pred[-count:]) for y_pred in evaluated)
        cases.append(Case(count, prices.tail(count).to_json(orient="split").encode(), answer, tuple(also)))
    return cases
