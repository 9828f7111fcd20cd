"""The client for asyncio; what it does is in `lockstep.client.blocking`."""

from asyncio import sleep, timeout
from collections.abc import Sequence
from datetime import date
from types import TracebackType
from typing import Any, Literal

import httpx

from lockstep.client import asking
from lockstep.client.answers import Backtest
from lockstep.client.connection import ATTEMPTS, TIMEOUT_S, TOTAL_S, Arriving, Connection, name_fault
from lockstep.client.exchange import Answer, Asked, Outcome, Patience, Wait


class AsyncClient:
    """A client of the service at `url`; its arguments are those of `Client`, with a transport of httpx for asyncio."""

    def __init__(
        self,
        url: str,
        key: str | None = None,
        *,
        digest: str | None = None,
        timeout_s: float = TIMEOUT_S,
        total_s: float = TOTAL_S,
        attempts: int = ATTEMPTS,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._connection = Connection(url, key, digest, Patience(attempts, timeout_s, total_s))
        self._http = httpx.AsyncClient(transport=transport)

    # The signatures of `Client` again: no type says "the same, awaited", and what copies signatures at run time hides
    # them from editors and mypy. A test compares them.

    async def forecast(
        self,
        bars: Any,
        *,
        model: str | None = None,
        version: int | str | None = None,
        symbol: str | None = None,
        level: Sequence[int] | None = None,
        history: Literal["stored", "none"] | None = None,
    ) -> Any:
        """Forecast as `Client.forecast` does."""
        options = {"model": model, "version": version, "symbol": symbol, "level": level, "history": history}
        return await self._run(asking.forecast_bars(bars, self._connection.digest, options))

    async def predict(
        self,
        rows: Any,
        *,
        model: str | None = None,
        version: int | str | None = None,
        level: Sequence[int] | None = None,
    ) -> Any:
        """Predict as `Client.predict` does."""
        options = {"model": model, "version": version, "level": level}
        return await self._run(asking.predict_rows(rows, self._connection.digest, options))

    async def backtest(
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
        """Forecast again from bars of the past, as `Client.backtest` does."""
        chosen = {"model": model, "version": version, "symbol": symbol, "level": level}
        options = {"first": first, "last": last, "n_windows": n_windows, "step_size": step_size, **chosen}
        return await self._run(asking.backtest_bars(bars, self._connection.digest, options))

    async def report(
        self, model: str | None = None, *, version: int | str | None = None, symbol: str | None = None
    ) -> dict[str, Any]:
        """Return the report card of a model, as `Client.report` does."""
        return await self._run(asking.read_card(model, version, symbol))

    async def version(self) -> dict[str, Any]:
        """Return what exactly is running, as `Client.version` does."""
        return await self._run(asking.read_version())

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def __aenter__(self) -> "AsyncClient":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        return f"AsyncClient({self._connection.url!r})"

    async def _run(self, questions: asking.Questions[Answer]) -> Answer:
        steps, outcome = asking.ask(self._connection.url, questions, self._connection.patience), None
        while True:
            try:
                step = steps.send(outcome)
            except StopIteration as ended:
                answer: Answer = ended.value
                return answer
            outcome = await self._take(step)

    async def _take(self, step: Asked | Wait) -> Outcome:
        if isinstance(step, Wait):
            await sleep(step.seconds)
            return None
        deadline, request = self._connection.start(step), self._connection.describe(step)
        try:
            async with timeout(step.timeout_s), self._http.stream(**request) as response:
                arriving = Arriving(response, deadline)
                async for block in response.aiter_bytes():
                    arriving.add(block)
                return arriving.reply
        except (httpx.RequestError, TimeoutError) as error:
            return name_fault(error)
