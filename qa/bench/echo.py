"""(a) The least that a Flask service can do: read the body, answer a fixed body of this service's size."""

from collections.abc import Callable

from flask import Flask, Response, request


def create_app(*answer_bytes: int) -> Flask:
    """Return the app with a path for each length of answer: `/forecast/33` answers 33 bytes."""
    app = Flask(__name__)
    for length in answer_bytes:
        app.add_url_rule(f"/forecast/{length}", str(length), _make_view(b"0" * length), methods=["POST"])

    @app.get("/ready")
    def get_ready() -> dict[str, str]:
        return {"status": "ready"}

    return app


def _make_view(answer: bytes) -> Callable[[], Response]:
    def post_forecast() -> Response:
        request.get_data(cache=False)
        return Response(answer, content_type="application/json")

    return post_forecast
