"""What Ray Serve runs to split traffic between two versions: `serve run split.yaml`."""

from backend.app import create_app
from lockstep.runtimes.ray.router import make_split

app = make_split(create_app, ("Champion", "Challenger"))
"""The router and its arms; split.yaml sets their shares, and which version is the champion in each arm."""
