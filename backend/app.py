"""The app that is deployed: the library's, and routes of your own.

A route of your own can forecast with the models that are loaded. This one takes what `POST /forecast` takes; put it
between the two lines of `create_app`, and its imports at the top of the file:

    from flask import g, request
    from lockstep.doors import plain
    from lockstep.doors.door import Received
    from lockstep.scoring.score import score
    from lockstep.web.site import find_site

    service = find_site(app).service

    @app.post("/rises")
    def rises() -> dict[str, object]:
        asked = plain.decode(Received(request.get_data(), service.settings.max_rows))
        answer = score(service.registry, asked, g.record)
        return {"model": str(answer.served), "rises": (answer.forecast.prediction > 1).tolist()}

`g.record` takes the version and the rows to the metrics. An error that `score` raises becomes the answer that a
forecast would get.
"""

from flask import Flask

from lockstep.scoring.settings import Settings
from lockstep.web.app import create_app as create_library_app


def create_app(settings: Settings) -> Flask:
    """Return the app. Add your routes before the last line: they need a key and count like a forecast."""
    app = create_library_app(settings)
    return app  # noqa: RET504 -- your routes go between the two lines
