"""What the clients post: the newest rows of the default price file, and the rows of a table of flowers."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from lockstep.bundles.reading import load_bundle, load_series
from lockstep.bundles.table import as_table
from lockstep.doors.plain import encode_predictions
from lockstep.doors.stored import write_rows
from qa.default_bundle import DEFAULT_BUNDLE
from qa.servers import ROOT

PRICES = ROOT / "data" / "MSFT.csv"


@dataclass(frozen=True)
class Case:
    """A body of `rows` rows, the answer that the evaluation has for it, and what else is `also` right.

    The answer to price bars is the body of `/forecast`; that to rows of a table is JSON, a list of labels.
    """

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


def make_table_cases(rows: Sequence[int], bundle: Path) -> list[Case]:
    """Return a case for each number of rows: the test rows of a table bundle, again and again."""
    table = as_table(load_bundle(bundle))
    held_out, labels = table.held_out.rows, table.evaluation.y_pred
    cases = []
    for count in rows:
        places = np.arange(count) % len(held_out)
        body = {"dataframe_split": write_rows(held_out.select(places))}
        cases.append(Case(count, json.dumps(body).encode(), json.dumps(labels[places].tolist()).encode()))
    return cases
