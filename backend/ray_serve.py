"""What Ray Serve runs: `serve run serve.yaml`, or `serve run backend.ray_serve:app`."""

from backend.app import create_app
from lockstep.runtimes.ray.deployment import make_application

app = make_application(create_app)
"""The application of Ray Serve; its options are in serve.yaml."""
