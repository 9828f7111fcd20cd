"""An application whose replicas can be made unready."""

from flask import Flask

from backend.app import create_app
from lockstep.runtimes.ray.deployment import make_application
from lockstep.scoring.settings import Settings
from lockstep.web.site import find_site


def create_failing_app(settings: Settings) -> Flask:
    """Return the app with a route after which it is not ready."""
    service_app = create_app(settings)

    @service_app.post("/break")
    def make_unready() -> dict[str, str]:
        vars(find_site(service_app).service.registry)["faults"] = ["made unready"]  # where the property is kept
        return {}

    return service_app


app = make_application(create_failing_app)
