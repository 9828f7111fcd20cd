"""The build hook: put the application into standard wheels, as `lockstep/application/`."""

import runpy
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PACKAGED = "lockstep/application"
STANDARD = "standard"


class ApplicationHook(BuildHookInterface[Any]):
    """A hook that maps the application's files into the wheel; an editable install finds them in the checkout."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the files to those of the wheel. `version` is "standard" or "editable"."""
        if version != STANDARD:
            return
        root = Path(self.root)
        members = runpy.run_path(str(root / "lockstep" / "scaffold" / "members.py"))["list_members"](root)
        build_data["force_include"].update({str(root / path): f"{PACKAGED}/{path}" for path in members})
