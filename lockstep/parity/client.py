"""A client of the service, over HTTP only: posts bars, reads answers, knows nothing of the backend's code."""

import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import msgspec
import requests
from urllib3.util import SKIP_HEADER

from lockstep.data.bars import DATE, Bars
from lockstep.parity.answers import (
    OK,
    Answer,
    NotOurs,
    ServiceUnreachable,
    UnexpectedAnswer,
    Version,
    make_answer,
    read_frame,
    read_json,
)
from lockstep.parity.bodies import split_frame
from lockstep.predict.stages import PREDICTION

History = Literal["stored", "none"]
Headers = Mapping[str, str | None]
"""Headers of one request, such as `User-Agent`; they replace those that the client sends, and None takes one away."""

FIRST_PAUSE_S = 0.25
UNAUTHORIZED = 401
TOO_MANY = 429
UNAVAILABLE = 503
READING_ERRORS = (AttributeError, KeyError, TypeError, ValueError, IndexError)
SKIPPABLE = ("User-Agent",)
"""Headers that urllib3 adds by itself where there is none."""
SCORING = ("/v1/forecast", "/v1/predict")


@dataclass(frozen=True)
class Patience:
    """How often a request is tried, and how many seconds each attempt may take."""

    attempts: int = 4
    timeout_s: float = 60.0


PATIENCE = Patience()


class ServiceClient:
    """A client of the service at `url`; connection errors, unreadable answers and 503 are tried again, nothing else.

    Forecasts are asked of `model` and `version`, if they are set, else of the service's default and of its champion.
    `retries` counts those, `digests` the `X-Model-Digest` of these forecasts and, under False, of all other answers;
    `timings` holds the path and the seconds of each. One client may be used by many threads.
    """

    def __init__(
        self, url: str, api_key: str | None = None, model: str | None = None, version: int | None = None,
        patience: Patience = PATIENCE,
    ) -> None:  # fmt: skip
        self.url = url.rstrip("/")
        self.api_key = api_key
        self.model = model
        self.version = version
        self.patience = patience
        self.retries = 0
        self.digests: Counter[tuple[bool, str]] = Counter()
        self.timings: list[tuple[str, float]] = []
        self._local = threading.local()

    def get_version(self) -> Version:
        """Return what `/version` says; raise `UnexpectedAnswer` where it is not of this form, with status 200."""
        response = self.send("GET", "/version")
        try:
            return msgspec.convert(read_json(response), Version)
        except msgspec.ValidationError as error:
            raise UnexpectedAnswer(f"GET {self.url}/version does not tell what is running: {error}") from error

    def check_access(self) -> None:
        """Raise `NotOurs` where `/version` is not that of a service like this, or the key is not taken."""
        try:
            self.get_version()
        except UnexpectedAnswer as error:
            raise NotOurs(f"{self.url} is no Lockstep service: {error}") from error
        if self.send("POST", "/forecast", b"").status_code == UNAUTHORIZED:
            key = "takes another key than the one given" if self.api_key else "wants a key"
            raise NotOurs(f"{self.url} {key}: set LOCKSTEP_API_KEY, or pass --api-key")

    def forecast(self, bars: Bars, history: History = "stored", headers: Headers | None = None) -> Answer:
        """Return what `/v1/forecast` answers to the bars; its own dates are the keys."""
        return self._read_forecast(self.post_frame(bars, history, "digests", headers))

    def _read_forecast(self, response: requests.Response) -> Answer:
        try:
            body = read_json(response)
            columns = read_frame(body["forecast"])
            return make_answer(columns[DATE], columns, body.get("trace", {}), "y_pred")
        except READING_ERRORS as error:
            raise UnexpectedAnswer(f"POST {self.url}/v1/forecast answered no forecast frame: {error!r}") from error

    def post_frame(self, bars: Bars, history: History, trace: str, headers: Headers | None = None) -> requests.Response:
        """Return the response of `/v1/forecast` to the bars."""
        body = {"dataframe_split": split_frame(bars), "history": history, "trace": trace, **self.named}
        return self.send("POST", "/v1/forecast", msgspec.json.encode(body), headers)

    def post_text(self, body: bytes, headers: Headers | None = None) -> Answer:
        """Return what `/v1/forecast` answers to a body that is already written."""
        return self._read_forecast(self.send("POST", "/v1/forecast", body, headers))

    def post_rows(self, body: bytes, keys: Sequence[str], headers: Headers | None = None) -> Answer:
        """Return what `/v1/predict` answers to a body whose rows have these keys, in this order."""
        response = self.send("POST", "/v1/predict", body, headers)
        try:
            told = read_json(response)
            columns = read_frame(told["predictions"])
            if len(columns[PREDICTION]) != len(keys):
                raise UnexpectedAnswer(f"POST {self.url}/v1/predict did not answer each of {len(keys)} rows")
            return make_answer(keys, columns, told.get("trace", {}), PREDICTION)
        except READING_ERRORS as error:
            raise UnexpectedAnswer(f"POST {self.url}/v1/predict answered no frame: {error!r}") from error

    def post_for_values(self, path: str, body: bytes, headers: Headers | None = None) -> dict[str, Any]:
        """Return the trace of an answer: the values of every stage, by stage, and the `rows` they are of."""
        trace: dict[str, Any] = read_json(self.send("POST", path, body, headers))["trace"]
        return trace

    @property
    def named(self) -> dict[str, str | int]:
        """Return the members of a body that name the model and the version that are asked."""
        members = {"model": self.model, "version": self.version}
        return {name: value for name, value in members.items() if value is not None}

    def name_model(self, frame: bytes) -> bytes:
        """Return the body that asks `/v1/forecast` for the forecast of a frame by this client's model."""
        return b'{%b"dataframe_split":%b}' % (self._write_named(), frame)

    def _write_named(self) -> bytes:
        written = msgspec.json.encode(self.named)[1:-1]
        return written + b"," if written else b""

    def forecast_plain(self, bars: Bars, headers: Headers | None = None) -> Answer:
        """Return what `/forecast` answers, a list in the order posted; raise where it has another length."""
        return self.post_plain(msgspec.json.encode(split_frame(bars)), bars.dates.astype(str).tolist(), headers)

    def post_plain(self, body: bytes, dates: list[str], headers: Headers | None = None) -> Answer:
        """Return what `/forecast` answers to a body whose rows are of these dates, in this order."""
        response = self.send("POST", "/forecast", body, headers)
        try:
            values = msgspec.json.decode(read_json(response)["y_pred"])
        except (KeyError, TypeError, ValueError, RecursionError) as error:
            raise UnexpectedAnswer(f"POST {self.url}/forecast answered no y_pred: {error!r}") from error
        if not isinstance(values, list) or len(values) != len(dates):
            raise UnexpectedAnswer(f"POST {self.url}/forecast did not answer one value for each of {len(dates)} rows")
        return replace(make_answer(dates, {PREDICTION: values}, {}, PREDICTION), columns={})

    def send(
        self, method: str, path: str, body: bytes | None = None, headers: Headers | None = None
    ) -> requests.Response:
        """Return the response to a request, whatever its status; raise `ServiceUnreachable` when none comes.

        Raises `NotOurs` where the service limits us: what is not answered is neither equal nor different.
        """
        sent = self._choose_headers(body, headers or {})
        fault = ""
        for attempt in range(self.patience.attempts):
            if attempt:
                self.retries += 1
                time.sleep(FIRST_PAUSE_S * 2 ** (attempt - 1))
            started = time.perf_counter()
            try:
                response = self._session().request(
                    method,
                    self.url + path,
                    data=body,
                    headers=sent,
                    timeout=self.patience.timeout_s,
                    allow_redirects=False,  # the key is for this address only
                )
            except (requests.RequestException, ValueError) as error:  # cut off, compressed falsely, led nowhere, …
                fault = type(error).__name__
            else:
                if response.status_code == TOO_MANY:
                    wait = response.headers.get("Retry-After", "some")
                    raise NotOurs(
                        f"{self.url} lets no more requests in for {wait} s: this key or address is over its limit; "
                        "wait, or raise LOCKSTEP_RATE_LIMIT (a run sends some 400 requests in a few seconds)"
                    )
                if response.status_code != UNAVAILABLE:
                    self.timings.append((path, time.perf_counter() - started))
                    is_forecast = path in SCORING and response.status_code == OK
                    self.digests[is_forecast, response.headers.get("X-Model-Digest", "")] += 1
                    return response
                fault = "503 Service Unavailable"
        raise ServiceUnreachable(f"{method} {self.url}{path}: {fault} in each of {self.patience.attempts} attempt(s)")

    def _choose_headers(self, body: bytes | None, headers: Headers) -> dict[str, str | None]:
        keyed = {"x-api-key": self.api_key} if self.api_key else {}
        typed = {"Content-Type": "application/json"} if body is not None else {}
        chosen = {**keyed, **typed, **headers}
        return {name: SKIP_HEADER if value is None and name in SKIPPABLE else value for name, value in chosen.items()}

    def _session(self) -> requests.Session:
        if not hasattr(self._local, "session"):
            self._local.session = requests.Session()
        session: requests.Session = self._local.session
        return session
