"""Forecasts of a Lockstep service as DataFrames: `Client(url, key).forecast(df)`.

`Client` is for scripts and threads, `AsyncClient` for asyncio; both do the same. The errors are in
`lockstep.client.errors`. Needs the extra `client`: httpx and pandas.
"""

from lockstep.distribution import install_command

try:
    from lockstep.client.asynchronous import AsyncClient
    from lockstep.client.blocking import Client
    from lockstep.client.errors import ClientError
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        f"lockstep.client needs {error.name}, not installed here; run: {install_command('client')}", name=error.name
    ) from error

__all__ = ["AsyncClient", "Client", "ClientError"]
