"""The client for scripts and threads."""

from collections.abc import Sequence
from datetime import date
from time import sleep
from types import TracebackType
from typing import Any, Literal

import httpx

from lockstep.client import asking
from lockstep.client.answers import Backtest
from lockstep.client.connection import ATTEMPTS, TIMEOUT_S, TOTAL_S, Arriving, Connection, name_fault
from lockstep.client.deadlines import limit_stream
from lockstep.client.exchange import Answer, Asked, Outcome, Patience, Wait


class Client:
    """A client of the service at `url`, such as `Client("https://my-app.herokuapp.com", key)`.

    A request that meets no service, a limit or an overloaded service is sent again: at most `attempts` times, each
    within `timeout_s` seconds, all within `total_s`. With `digest`, only answers of the model that has it are returned;
    its first 12 digits will do. `transport` is one of httpx, for certificates or proxies of your own. Many threads may
    use one client. Every method raises `ClientError`.
    """

    def __init__(
        self,
        url: str,
        key: str | None = None,
        *,
        digest: str | None = None,
        timeout_s: float = TIMEOUT_S,
        total_s: float = TOTAL_S,
        attempts: int = ATTEMPTS,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._connection = Connection(url, key, digest, Patience(attempts, timeout_s, total_s))
        self._http = httpx.Client(transport=transport)

    def forecast(
        self,
        bars: Any,
        *,
        model: str | None = None,
        version: int | str | None = None,
        symbol: str | None = None,
        level: Sequence[int] | None = None,
        history: Literal["stored", "none"] | None = None,
    ) -> Any:
        """Forecast from each row of a DataFrame of bars, which follow or replace the stored ones.

        Returns a DataFrame in the order posted, its index the date of each bar; with a column `symbol` in the frame,
        symbol and date. The columns are those of `POST /v1/forecast`: `forecast_date`, `close`, `y_pred`, `close_pred`,
        `naive`, and the bounds of each `level` in percent. A row without a forecast has NaN. `attrs` holds `warnings`,
        `digest`, `request_id`, `models` and `interval`.
        """
        options = {"model": model, "version": version, "symbol": symbol, "level": level, "history": history}
        return self._run(asking.forecast_bars(bars, self._connection.digest, options))

    def predict(
        self,
        rows: Any,
        *,
        model: str | None = None,
        version: int | str | None = None,
        level: Sequence[int] | None = None,
    ) -> Any:
        """Predict each row of a DataFrame with a model of a table; NaN is a missing cell.

        Returns a DataFrame with the index of `rows`: `prediction`, `proba_<class>` for each class, and the bounds of
        each `level` in percent. `attrs` are as those of `forecast`.
        """
        options = {"model": model, "version": version, "level": level}
        return self._run(asking.predict_rows(rows, self._connection.digest, options))

    def backtest(
        self,
        bars: Any = None,
        *,
        first: date | str | None = None,
        last: date | str | None = None,
        n_windows: int | None = None,
        step_size: int | None = None,
        model: str | None = None,
        version: int | str | None = None,
        symbol: str | None = None,
        level: Sequence[int] | None = None,
    ) -> Backtest:
        """Forecast again from bars of the past; by default from every test row.

        The cutoffs are the bars from `first` to `last`, or the newest `n_windows`, every `step_size` bars; `bars`
        replace or extend the stored ones. All pages are asked for.
        """
        chosen = {"model": model, "version": version, "symbol": symbol, "level": level}
        options = {"first": first, "last": last, "n_windows": n_windows, "step_size": step_size, **chosen}
        return self._run(asking.backtest_bars(bars, self._connection.digest, options))

    def report(
        self, model: str | None = None, *, version: int | str | None = None, symbol: str | None = None
    ) -> dict[str, Any]:
        """Return the report card of a model as decoded JSON, by default that of the service's default model."""
        return self._run(asking.read_card(model, version, symbol))

    def version(self) -> dict[str, Any]:
        """Return what exactly is running, as decoded JSON: models, libraries, commit, limits."""
        return self._run(asking.read_version())

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def __enter__(self) -> "Client":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Client({self._connection.url!r})"

    def _run(self, questions: asking.Questions[Answer]) -> Answer:
        steps, outcome = asking.ask(self._connection.url, questions, self._connection.patience), None
        while True:
            try:
                step = steps.send(outcome)
            except StopIteration as ended:
                answer: Answer = ended.value
                return answer
            outcome = self._take(step)

    def _take(self, step: Asked | Wait) -> Outcome:
        if isinstance(step, Wait):
            sleep(step.seconds)
            return None
        deadline, request = self._connection.start(step), self._connection.describe(step)
        try:
            with deadline.hold(), self._http.stream(**request, extensions={"trace": limit_stream}) as response:
                arriving = Arriving(response, deadline)
                for block in response.iter_bytes():
                    arriving.add(block)
                return arriving.reply
        except httpx.RequestError as error:
            return name_fault(error)
