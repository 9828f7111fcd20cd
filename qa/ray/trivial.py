"""The least that Serve can answer with: what it costs by itself."""

from typing import Any

from ray import serve


class Trivial:
    """A replica that reads a body and answers with as many zeros as the path asks for."""

    async def __call__(self, request: Any) -> bytes:
        """Answer a request of Starlette's."""
        await request.body()
        return b"0" * int(request.url.path.rpartition("/")[2])


app = serve.deployment(Trivial, name="Trivial").bind()
