"""Whatever is posted has a documented answer. `make fuzz` tries twenty times as much."""

import json
from typing import NoReturn

from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lockstep.scoring.kinds import KINDS
from lockstep.scoring.problems import MEDIA_TYPE

CASES = max(500, settings.default.max_examples if settings.default else 0)
DOCUMENTED = {(kind.status, kind.code) for kind in KINDS if kind.status < 500}
COLUMNS = ["date", "open", "high", "low", "close", "volume"]
SESSIONS = (
    "2013-03-01",
    "2013-03-04",
    "2013-03-05",
    "2013-03-09",
    "2013-03-04T00:00:00Z",
    1362355200000,
    1362355200,
    0,
)

numbers = st.one_of(
    st.floats(20.0, 30.0),
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(-(2**70), 2**70),
    st.sampled_from([0, -1, 1e-300, 1e300, 1e30, 24.5]),
)
junk = st.recursive(
    st.one_of(st.none(), st.booleans(), st.text(max_size=20), numbers),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)),
    max_leaves=5,
)
bars = st.tuples(st.sampled_from(SESSIONS), *[st.floats(24.0, 24.5)] * 4, st.integers(0, 10**9)).map(
    lambda bar: [bar[0], bar[1], max(bar[1:5]), min(bar[1:5]), bar[4], bar[5]]
)
rows = st.lists(st.one_of(bars, bars, st.lists(st.one_of(numbers, junk), max_size=8), junk), max_size=5)
frames = st.fixed_dictionaries(
    {"columns": st.one_of(st.just(COLUMNS), st.permutations(COLUMNS), st.lists(st.text(max_size=8), max_size=7), junk),
     "data": st.one_of(st.lists(bars, min_size=1, max_size=3), rows, rows, junk)},
    optional={"index": st.one_of(st.lists(st.one_of(st.sampled_from(SESSIONS), junk), max_size=5), junk),
              "symbol": st.one_of(st.just("MSFT"), junk),
              "history": st.one_of(st.sampled_from(["stored", "none"]), junk),
              "trace": st.one_of(st.sampled_from(["values", "digests"]), junk)},
)  # fmt: skip
symbols = st.one_of(st.just("MSFT"), st.just("MSFT"), st.just("ACME"), junk)
series = st.fixed_dictionaries(
    {"columns": st.just(["symbol", *COLUMNS]),
     "data": st.lists(st.one_of(st.tuples(symbols, bars).map(lambda row: [row[0], *row[1]]),
                                st.tuples(symbols, bars).map(lambda row: [row[0], *row[1]]), junk), max_size=6)},
    optional={"symbol": st.none(), "model": st.one_of(st.just("msft"), junk),
              "history": st.sampled_from(["stored", "none"]), "trace": st.sampled_from(["values", "digests"]),
              "level": st.one_of(st.just([]), st.just([50, 90]), junk)},
)  # fmt: skip
bodies = st.one_of(frames, frames, series, st.builds(lambda frame: {"dataframe_split": frame}, frames), junk)


@st.composite
def posted(draw: st.DrawFn) -> bytes:
    """A body as JSON, in one of three broken somewhere."""
    body = json.dumps(draw(bodies)).encode()
    if draw(st.integers(0, 2)) == 0:
        place, length = draw(st.integers(0, len(body))), draw(st.integers(0, 20))
        body = body[:place] + draw(st.binary(max_size=6)) + body[place + length :]
    return body


def refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


@settings(max_examples=CASES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(body=posted(), path=st.sampled_from(["/forecast", "/v1/forecast"]))
def test_whatever_is_posted_has_a_documented_answer(client: FlaskClient, body: bytes, path: str) -> None:
    response = client.post(path, data=body, content_type="application/json")
    told = json.loads(response.data, parse_constant=refuse_constant)
    if response.status_code in (200, 207):
        values = json.loads(told["y_pred"], parse_constant=refuse_constant) if path == "/forecast" else told["forecast"]
        assert values
    else:
        assert (response.status_code, told["code"]) in DOCUMENTED
        assert response.content_type == MEDIA_TYPE
        assert len(response.data) < 10_000
