"""What a running process holds: its settings and its models."""

from dataclasses import dataclass
from pathlib import Path

from lockstep.applications import find_application
from lockstep.bundles.loading import Selection, load_registry
from lockstep.bundles.registry import Registry
from lockstep.scoring.settings import Settings


@dataclass(frozen=True)
class Service:
    """The settings of a process and the models that it serves."""

    settings: Settings
    registry: Registry


def load_service(settings: Settings) -> Service:
    """Load and self-check the models that the settings select; raise a `LockstepError` if they must not be served."""
    application = find_application()
    is_own = not (application.is_packaged and settings.models)  # its default says nothing of other folders
    selection = Selection(
        paths=settings.models or (application.models,),
        aliases=settings.aliases,
        versions=settings.versions,
        broken=settings.broken,
        gate=settings.gate,
        default=application.default if is_own else None,
        takes_first=bool(settings.models) and application.models.resolve() not in map(Path.resolve, settings.models),
        predictor=settings.predictor,
    )
    return Service(settings, load_registry(selection))
