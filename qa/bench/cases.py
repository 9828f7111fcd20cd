"""What the clients post: the newest rows of the default price file, as the tutorial's client writes them."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from lockstep.bundles.bundle import load_bundle
from lockstep.doors.plain import encode_predictions
from qa.default_bundle import DEFAULT_BUNDLE
from qa.servers import ROOT

PRICES = ROOT / "data" / "MSFT.csv"


@dataclass(frozen=True)
class Case:
    """Hold a body of `rows` bars and the answer that the bundle's evaluation says it has to get."""

    rows: int
    body: bytes
    answer: bytes


def make_cases(rows: Sequence[int]) -> list[Case]:
    """Return a case for each number of rows; the evaluation's last rows are the price file's last rows."""
    prices = pd.read_csv(PRICES)
    y_pred = load_bundle(DEFAULT_BUNDLE).evaluation.y_pred
    return [
        Case(count, prices.tail(count).to_json(orient="split").encode(), encode_predictions(y_pred[-count:]))
        for count in rows
    ]
