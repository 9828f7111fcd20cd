"""The least that Serve can answer with: what it costs by itself."""

from ray import serve
from starlette.requests import Request
from starlette.responses import Response


class Trivial:
    """A replica that reads a body and answers with as many zeros as the path asks for."""

    async def __call__(self, request: Request) -> Response:
        """Answer a request."""
        await request.body()
        return Response(b"0" * int(request.url.path.rpartition("/")[2]))


app = serve.deployment(Trivial, name="Trivial").bind()
