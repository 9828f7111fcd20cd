"""A client of the service, over HTTP only: posts bars, reads answers, knows nothing of the backend's code."""

import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec
import requests

from models.trace import STAGES
from preprocessing.bars import DATE, VALUE_COLUMNS, Bars
from preprocessing.errors import LockstepError

History = Literal["stored", "none"]

TIMEOUT_S = 60
ATTEMPTS = 4
FIRST_PAUSE_S = 0.25
OK = 200
UNAUTHORISED = 401
UNAVAILABLE = 503
MAX_SHOWN_CHARACTERS = 200


class ServiceUnreachable(LockstepError):
    """Say that no answer came, after how many attempts."""


class NotOurs(LockstepError):
    """Say that what answers is no such service, or does not let us in."""


class UnexpectedAnswer(LockstepError):
    """Say that an answer came that is not a forecast, with its status and what it said."""


@dataclass(frozen=True)
class Answer:
    """Hold a forecast as answered: dates and values in the answer's order, and a digest of each stage by date."""

    dates: list[str]
    y_pred: list[float | None]
    trace: dict[str, list[str]] = field(default_factory=dict)
    traced_dates: list[str] = field(default_factory=list)


class ServiceClient:
    """Talk to the service at `url`; connection errors and 503 are tried again, nothing else.

    `retries` counts those, `digests` the `X-Model-Digest` of every answer. One client may be used by many threads.
    """

    def __init__(self, url: str, api_key: str | None = None) -> None:
        self.url = url.rstrip("/")
        self.api_key = api_key
        self.retries = 0
        self.digests: Counter[str] = Counter()
        self._local = threading.local()

    def get_version(self) -> dict[str, Any]:
        """Return what `/version` says; raise `UnexpectedAnswer` where it is not JSON with status 200."""
        answer: dict[str, Any] = _read_json(self.send("GET", "/version"))
        return answer

    def check_access(self) -> None:
        """Raise `NotOurs` where `/version` is not that of a service like this, or the key is not taken."""
        try:
            is_ours = "models" in self.get_version()
        except (UnexpectedAnswer, TypeError) as error:
            raise NotOurs(f"{self.url} is no Lockstep service: {error}") from error
        if not is_ours:
            raise NotOurs(f"{self.url} is no Lockstep service: /version tells of no models")
        if self.send("POST", "/forecast", b"").status_code == UNAUTHORISED:
            key = "takes another key than the one given" if self.api_key else "wants a key"
            raise NotOurs(f"{self.url} {key}: set LOCKSTEP_API_KEY, or pass --api-key")

    def forecast(self, bars: Bars, history: History = "stored") -> Answer:
        """Return what `/v1/forecast` answers to the bars; its own dates are the keys."""
        response = self.post_frame(bars, history, "digests")
        try:
            body = _read_json(response)
            frame, trace = body["forecast"], body.get("trace", {})
            date, y_pred = frame["columns"].index("date"), frame["columns"].index("y_pred")
            dates, values = [row[date] for row in frame["data"]], [row[y_pred] for row in frame["data"]]
            traced = [dates[row] for row in trace.get("rows", [])]
        except (AttributeError, KeyError, TypeError, ValueError, IndexError) as error:
            raise UnexpectedAnswer(f"POST {self.url}/v1/forecast answered no forecast frame: {error!r}") from error
        return _answer(dates, values, trace, traced)

    def forecast_values(self, bars: Bars, history: History = "stored") -> dict[str, Any]:
        """Return the values of every stage that `/v1/forecast` computed, by stage, and the `rows` they are of."""
        trace: dict[str, Any] = _read_json(self.post_frame(bars, history, "values"))["trace"]
        return trace

    def post_frame(self, bars: Bars, history: History, trace: str) -> requests.Response:
        """Return the response of `/v1/forecast` to the bars."""
        body = {"dataframe_split": split_frame(bars), "history": history, "trace": trace}
        return self.send("POST", "/v1/forecast", msgspec.json.encode(body))

    def forecast_plain(self, bars: Bars) -> Answer:
        """Return what `/forecast` answers, a list in the order posted; raise where it has another length."""
        return self.post_plain(msgspec.json.encode(split_frame(bars)), bars.dates.astype(str).tolist())

    def post_plain(self, body: bytes, dates: list[str]) -> Answer:
        """Return what `/forecast` answers to a body whose rows are of these dates, in this order."""
        response = self.send("POST", "/forecast", body)
        try:
            values = msgspec.json.decode(_read_json(response)["y_pred"])
        except (KeyError, TypeError, ValueError) as error:
            raise UnexpectedAnswer(f"POST {self.url}/forecast answered no y_pred: {error!r}") from error
        if not isinstance(values, list) or len(values) != len(dates):
            raise UnexpectedAnswer(f"POST {self.url}/forecast did not answer one value for each of {len(dates)} rows")
        return _answer(dates, values, {}, [])

    def send(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> requests.Response:
        """Return the response to a request, whatever its status; raise `ServiceUnreachable` when none comes."""
        keyed = {"x-api-key": self.api_key} if self.api_key else {}
        typed = {"Content-Type": "application/json"} if body is not None else {}
        fault = ""
        for attempt in range(ATTEMPTS):
            if attempt:
                self.retries += 1
                time.sleep(FIRST_PAUSE_S * 2 ** (attempt - 1))
            try:
                response = self._session().request(
                    method,
                    self.url + path,
                    data=body,
                    headers={**keyed, **typed, **(headers or {})},
                    timeout=TIMEOUT_S,
                    allow_redirects=False,  # the key is for this address only
                )
            except (requests.ConnectionError, requests.Timeout) as error:
                fault = type(error).__name__
            else:
                if response.status_code != UNAVAILABLE:
                    self.digests[response.headers.get("X-Model-Digest", "")] += 1
                    return response
                fault = "503 Service Unavailable"
        raise ServiceUnreachable(f"{method} {self.url}{path}: {fault} in each of {ATTEMPTS} attempts")

    def _session(self) -> requests.Session:
        if not hasattr(self._local, "session"):
            self._local.session = requests.Session()
        session: requests.Session = self._local.session
        return session


def split_frame(bars: Bars) -> dict[str, list[Any]]:
    """Return the bars as a split-oriented frame; written as JSON, its floats come back to the bit."""
    columns = [bars.dates.astype(str).tolist(), *bars.values.tolist()]
    return {"columns": [DATE, *VALUE_COLUMNS], "data": list(zip(*columns, strict=True))}


def _read_json(response: requests.Response) -> Any:
    where = f"{response.request.method} {response.request.url}"
    if response.status_code != OK:
        shown = " ".join(response.text[:MAX_SHOWN_CHARACTERS].split())
        raise UnexpectedAnswer(f"{where} answered {response.status_code}: {shown}")
    try:
        return msgspec.json.decode(response.content)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UnexpectedAnswer(f"{where} answered {response.status_code}, but no JSON: {error}") from error


def _answer(dates: list[Any], values: list[Any], trace: Any, traced: list[Any]) -> Answer:
    well_typed = (
        all(isinstance(date, str) for date in (*dates, *traced))
        and all(value is None or type(value) is float for value in values)
        and all(isinstance(trace.get(stage), list) and len(trace[stage]) == len(traced) for stage in STAGES if trace)
    )
    if not well_typed:
        raise UnexpectedAnswer("the answer's dates, predictions or trace are not of the contract's types")
    return Answer(dates, values, trace, traced)
