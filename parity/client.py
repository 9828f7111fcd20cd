"""A client of the service, over HTTP only: posts bars, reads answers, knows nothing of the backend's code."""

import time
from dataclasses import dataclass
from typing import Any, Literal

import msgspec
import requests

from preprocessing.bars import DATE, VALUE_COLUMNS, Bars
from preprocessing.errors import LockstepError

TIMEOUT_S = 60
ATTEMPTS = 4
FIRST_PAUSE_S = 0.25
UNAVAILABLE = 503


class ServiceUnreachable(LockstepError):
    """Say that no answer came, after how many attempts."""


class UnexpectedAnswer(LockstepError):
    """Say that an answer came that is not a forecast, with its status and what it said."""


@dataclass(frozen=True)
class Answer:
    """Hold a forecast as answered: dates and values in the answer's order, and who answered."""

    dates: list[str]
    y_pred: list[float | None]
    model_digest: str
    request_id: str


class ServiceClient:
    """Talk to the service at `url`; connection errors and 503 are tried again, nothing else."""

    def __init__(self, url: str, api_key: str | None = None) -> None:
        self.url = url.rstrip("/")
        self.api_key = api_key
        self.retries = 0
        self._session = requests.Session()
        if api_key:
            self._session.headers["x-api-key"] = api_key

    def get_version(self) -> dict[str, Any]:
        """Return what `/version` says; raise `UnexpectedAnswer` where it is not JSON with status 200."""
        answer: dict[str, Any] = _read_json(self.send("GET", "/version"))
        return answer

    def forecast(self, bars: Bars, history: Literal["stored", "none"] = "stored") -> Answer:
        """Return what `/v1/forecast` answers to the bars; its own dates are the keys."""
        body = msgspec.json.encode({"dataframe_split": split_frame(bars), "history": history})
        response = self.send("POST", "/v1/forecast", body)
        try:
            frame = _read_json(response)["forecast"]
            date, y_pred = frame["columns"].index("date"), frame["columns"].index("y_pred")
            dates, values = [row[date] for row in frame["data"]], [row[y_pred] for row in frame["data"]]
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise UnexpectedAnswer(f"POST {self.url}/v1/forecast answered no forecast frame: {error!r}") from error
        return _answer(dates, values, response)

    def forecast_plain(self, bars: Bars) -> Answer:
        """Return what `/forecast` answers, a list in the order posted; raise where it has another length."""
        response = self.send("POST", "/forecast", msgspec.json.encode(split_frame(bars)))
        try:
            values = msgspec.json.decode(_read_json(response)["y_pred"])
        except (KeyError, TypeError, ValueError) as error:
            raise UnexpectedAnswer(f"POST {self.url}/forecast answered no y_pred: {error!r}") from error
        if len(values) != len(bars):
            raise UnexpectedAnswer(f"POST {self.url}/forecast answered {len(values)} values for {len(bars)} rows")
        return _answer(bars.dates.astype(str).tolist(), values, response)

    def send(self, method: str, path: str, body: bytes | None = None) -> requests.Response:
        """Return the response to a request, whatever its status; raise `ServiceUnreachable` when none comes."""
        headers = {"Content-Type": "application/json"} if body is not None else {}
        fault = ""
        for attempt in range(ATTEMPTS):
            if attempt:
                self.retries += 1
                time.sleep(FIRST_PAUSE_S * 2 ** (attempt - 1))
            try:
                response = self._session.request(method, self.url + path, data=body, headers=headers, timeout=TIMEOUT_S)
            except (requests.ConnectionError, requests.Timeout) as error:
                fault = type(error).__name__
            else:
                if response.status_code != UNAVAILABLE:
                    return response
                fault = "503 Service Unavailable"
        raise ServiceUnreachable(f"{method} {self.url}{path}: {fault} in each of {ATTEMPTS} attempts")


def split_frame(bars: Bars) -> dict[str, list[Any]]:
    """Return the bars as a split-oriented frame; written as JSON, its floats come back to the bit."""
    columns = [bars.dates.astype(str).tolist(), *bars.values.tolist()]
    return {"columns": [DATE, *VALUE_COLUMNS], "data": list(zip(*columns, strict=True))}


def _read_json(response: requests.Response) -> Any:
    where = f"{response.request.method} {response.request.url}"
    if not response.ok:
        raise UnexpectedAnswer(f"{where} answered {response.status_code}: {response.text[:300]}")
    try:
        return msgspec.json.decode(response.content)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UnexpectedAnswer(f"{where} answered {response.status_code}, but no JSON: {error}") from error


def _answer(dates: list[str], values: list[float | None], response: requests.Response) -> Answer:
    headers = response.headers
    return Answer(dates, values, headers.get("X-Model-Digest", ""), headers.get("X-Request-Id", ""))
