"""What came true after the cutoffs of a backtest, and how it is scored: computed here in another way than there."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from lockstep.bundles.comparing import IN_UNITS, TOLERANCE
from lockstep.bundles.entries import DIRECTION, DOWN, RETURN, UP
from lockstep.parity.backtests import Backtest
from lockstep.parity.members import show_value
from lockstep.parity.series import SeriesSubject

Row = dict[str, Any]


def find_outcome_faults(
    subject: SeriesSubject, asked: Backtest, rows: Sequence[Row], scores: Sequence[Any]
) -> Iterator[str]:
    """Yield what of `y`, `sample` and the scores of each page does not follow from the bars and the answered rows."""
    manifest = subject.bundle.manifest
    outcomes = dict(zip(asked.keys, _list_outcomes(subject, asked), strict=True))
    samples = {key: _name_sample(key, manifest.test.first, manifest.test.last) for key in asked.keys}
    for name, expected in (("y", outcomes), ("sample", samples)):
        for row in rows:
            if _write(row.get(name)) != _write(expected.get(row["date"])):
                shown = f"expected {expected.get(row['date'])}, served {show_value(row.get(name))}"
                yield f"{name} of {row['date']} is not what the bars say: {shown}"
                break
    scored = [row for row in rows if samples.get(row["date"]) != "learning" and outcomes.get(row["date"]) is not None]
    expected = {"rows": len(scored), **_score(scored)}
    for told in scores:
        yield from find_score_faults(expected, _pick_scores(told, expected))


def _list_outcomes(subject: SeriesSubject, asked: Backtest) -> list[Any]:
    manifest, close = subject.bundle.manifest, asked.known.close.tolist()
    reached = [(place, place + manifest.horizon_bars) for place in asked.places.tolist()]
    pairs = [(close[place], close[later : later + 1]) for place, later in reached]
    if manifest.target == RETURN:
        return [later[0] / now if later else None for now, later in pairs]
    if manifest.target == DIRECTION:
        return [(UP if later[0] > now else DOWN) if later else None for now, later in pairs]
    evaluation = subject.bundle.evaluation
    is_stored = asked.posted is None or not (set(asked.posted.dates) & set(subject.bundle.bars.dates))
    known = zip(evaluation.keys, evaluation.y_true.tolist(), evaluation.realised, strict=True)
    stated = {key: value for key, value, realised in known if realised and is_stored}
    return [stated.get(key) for key in asked.keys]


def _name_sample(key: str, first: str, last: str) -> str:
    """Return the sample of a date; all are ISO dates, which sort as texts do."""
    return "learning" if key < first else "new" if key > last else "test"


def _score(scored: Sequence[Row]) -> dict[str, float]:
    pairs: list[tuple[Any, Any]] = [(row.get("y"), row.get("y_pred")) for row in scored]
    if not pairs:
        return {}
    if all(isinstance(cell, float) for pair in pairs for cell in pair):
        return {"mae": sum(abs(y - predicted) for y, predicted in pairs) / len(pairs)}
    return {"accuracy": sum(y == predicted for y, predicted in pairs) / len(pairs)}


def _pick_scores(told: Any, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Return what scores say of the model, of those that are wanted."""
    if not isinstance(told, dict):
        return {}
    predictors = told.get("predictors")
    model = predictors.get("model") if isinstance(predictors, dict) else None
    found = {**(model if isinstance(model, dict) else {}), "rows": told.get("rows")}
    return {name: found[name] for name in wanted if name in found}


def find_score_faults(expected: Any, told: Any, where: str = "scores") -> Iterator[str]:
    """Yield which scores are further from the expected ones than sums in another order are, or are not there."""
    if isinstance(expected, dict) and isinstance(told, dict):
        for name in dict.fromkeys((*expected, *told)):
            yield from find_score_faults(expected.get(name), told.get(name), f"{where}.{name}")
    elif not _is_near(expected, told, where.rpartition(".")[2]):
        yield f"{where} does not follow from the rows: expected {show_value(expected)}, served {show_value(told)}"


def _is_near(expected: Any, told: Any, name: str) -> bool:
    if not (isinstance(expected, float) and isinstance(told, float)):
        return _write(expected) == _write(told)
    return abs(expected - told) <= TOLERANCE * max(abs(expected), abs(told), 0.0 if name in IN_UNITS else 1.0)


def _write(value: Any) -> bytes:
    return msgspec.json.encode(value)
