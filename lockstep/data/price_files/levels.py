"""Columns of two levels, field and ticker, as yfinance downloads them."""

import json
from collections.abc import Sequence

from lockstep.data.price_files.cells import show_name
from lockstep.errors import MAX_LISTED, InvalidInput, Problem


def take_one_ticker(name: str, tickers: Sequence[str]) -> str:
    """Return what there is to say of a file `name` whose columns are all of one ticker; refuse one of several."""
    found = sorted(set(tickers))
    if len(found) == 1:
        return f"the columns have two levels, price and ticker; all are of {show_name(found[0])}"
    listed, one = ", ".join(map(show_name, found[:MAX_LISTED])), show_name(found[0])
    reason = (
        f"holds {len(found)} series side by side: {listed}. Write one of them, in pandas: "
        f'prices.xs({json.dumps(one)}, axis=1, level="Ticker").to_csv({json.dumps(f"{one}.csv")}), '
        'or all of them, for train-panel: prices.stack("Ticker").to_csv("prices.csv")'
    )
    raise InvalidInput([Problem(None, name, reason)])
