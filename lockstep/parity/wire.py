"""Bodies as clients write them: dates, numbers and order in every form of the contract."""

import json
import warnings
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from lockstep.data.bars import DATE, VALUE_COLUMNS, Adjusts, Bars, widen_ranges
from lockstep.parity.answers import Answer
from lockstep.parity.compare import Comparison, merge_comparisons
from lockstep.parity.reference import Reference
from lockstep.parity.series import SeriesSubject
from lockstep.predict.stages import PREDICTION

WIRE_ROWS = 64
PRICES, CLOSE = 4, 3
MS_PER_DAY = 86_400_000


def check_wire(subject: SeriesSubject) -> Comparison:
    """Post the newest rows in every form; compare with the local forecast of the numbers as they were written."""
    newest = subject.tested.select(slice(-WIRE_ROWS, None))
    parts = []
    for body in write_forms(newest, subject.random(), subject.bundle.schema.adjusts):
        bars = read_form(body, subject.bundle.schema.adjusts)
        dates, stages = subject.list_keys(bars), subject.forecast(bars).stages
        for answer in _post_in_every_way(subject, body.encode(), dates):
            outputs = stages if answer.columns else {PREDICTION: stages[PREDICTION]}  # the plain route has no others
            compared = subject.compare_outputs(Reference(dates, outputs), answer)
            faults = subject.find_frame_faults(bars, answer) if answer.columns else ()
            # its rows are few, and may have one prediction: that there are several is for other checks to show
            parts.append(replace(compared, faults=(*faults, *compared.faults), distinct=frozenset()))
    return merge_comparisons(parts)


def _post_in_every_way(subject: SeriesSubject, body: bytes, dates: list[str]) -> Iterator[Answer]:
    """Yield the answers to one frame: inside a body, as the body, and on the plain route with and without a type."""
    client = subject.client
    yield client.post_text(client.name_model(body))
    if subject.is_default:
        yield client.post_text(body)
        yield client.post_plain(body, dates)
        yield client.post_plain(body, dates, {"Content-Type": "application/x-www-form-urlencoded"})


def write_forms(bars: Bars, rng: np.random.Generator, adjusts: Adjusts) -> Iterator[str]:
    """Yield the bars as text: what `DataFrame.to_json` writes, and what it does not but other clients do."""
    frame = pd.DataFrame(dict(zip(bars.columns, bars.values, strict=True)))
    frame.insert(0, DATE, pd.to_datetime(bars.dates.astype(str)))
    shuffled = frame.sample(frac=1.0, random_state=int(rng.integers(2**31)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # the epoch form is on its way out of pandas, not of its clients
        warnings.simplefilter("ignore", DeprecationWarning)
        for form in (frame, shuffled, shuffled[frame.columns[::-1]], frame.set_index(DATE)):
            for precision in (10, 15):
                yield form.to_json(orient="split", date_format="epoch", double_precision=precision)
                yield form.to_json(orient="split", date_format="iso", double_precision=precision)
        yield frame.to_json(orient="split", date_format="iso", index=False)
    texts = [day.isoformat() for day in bars.dates.tolist()]
    if adjusts == "prices":  # twice the prices, so that adjusting them is exact
        raw = bars.values * np.array([[2.0]] * PRICES + [[1.0]])[: len(bars.values)]
        named = dict(zip(("Open", "High", " Low", "CLOSE", "Volume"), raw.tolist(), strict=False))
        spelled = {"Date": texts, **named, "Adj Close": bars.close.tolist()}
        yield json.dumps({"columns": list(spelled), "data": list(zip(*spelled.values(), strict=True))}, indent=2)
    whole = frame.assign(**{name: np.ceil(frame[name]).astype(int) for name in bars.columns})
    yield json.dumps({"columns": list(whole), "data": whole.assign(date=texts).values.tolist()})
    rows = (", ".join(format(value, ".17g") for value in row) for row in bars.values.T)
    data = ", ".join(f'["{day}", {row}]' for day, row in zip(texts, rows, strict=True))
    yield f'{{"columns": {json.dumps([DATE, *bars.columns])}, "data": [{data}]}}'


def read_form(text: str, adjusts: Adjusts) -> Bars:
    """Return the bars that a body says, in its order, read by the standard library alone."""
    body = json.loads(text)
    names = [name.strip().lower().replace(" ", "_") for name in body["columns"]]
    columns = dict(zip(names, zip(*body["data"], strict=True), strict=True))
    dates = [_read_date(cell) for cell in columns.get(DATE, body.get("index"))]
    values = np.array([columns[name] for name in VALUE_COLUMNS if name in columns], dtype=np.float64)
    if "adj_close" in columns:
        values[:PRICES] *= np.array(columns["adj_close"]) / values[CLOSE]
    widen_ranges(values, adjusts)
    return Bars(np.array(dates, "datetime64[D]"), values)


def _read_date(cell: Any) -> np.datetime64:
    return np.datetime64(cell[:10], "D") if isinstance(cell, str) else np.datetime64(cell // MS_PER_DAY, "D")
