"""From a bundle of any kind to what is checked of it, and by which checks."""

from collections.abc import Sequence

from lockstep.bundles.bundle import Bundle
from lockstep.bundles.series import as_series
from lockstep.bundles.table import TableBundle
from lockstep.errors import LockstepError
from lockstep.parity.checks import CHECKS_OF, OF_OUR_API, Check
from lockstep.parity.client import ServiceClient
from lockstep.parity.doors.listed import PROTOCOLS
from lockstep.parity.doors.protocol import Protocol
from lockstep.parity.scope import WHOLE, Scope
from lockstep.parity.series import SeriesSubject
from lockstep.parity.subject import Subject
from lockstep.parity.table import TableSubject


class WrongDoor(LockstepError):
    """A door that takes no rows of the model that is to be proven."""


FRAME_COLUMNS = 16
"""More columns than a frame has beside the outputs of a model."""
BYTES_PER_VALUE = 128
"""A digest, the longest value that is no label, has 64 letters; the rest is room for blanks."""
BYTES_PER_LETTER = 24
"""A letter of a label is two escapes at most, in the frame and in the trace."""


def make_subject(client: ServiceClient, bundle: Bundle, seed: int, scope: Scope = WHOLE, *, door: str = "") -> Subject:
    """Return the two sides of every comparison with a service that should serve the bundle, maybe through a door.

    Raises `WrongDoor`. From here on no answer to the client may be longer than the bundle's right ones are.
    """
    protocol = _open_door(door, bundle) if door else None
    subject: Subject
    if isinstance(bundle, TableBundle):
        subject = TableSubject(client, bundle, seed, scope, protocol)
    else:
        subject = SeriesSubject(client, as_series(bundle), seed, scope, protocol)
    client.longest_row = bound_row(subject)
    return subject


def _open_door(name: str, bundle: Bundle) -> Protocol:
    protocol, manifest = PROTOCOLS[name], bundle.manifest
    if manifest.kind not in protocol.kinds:
        taken = " or a ".join(protocol.kinds)
        raise WrongDoor(f"{manifest.name} is of a {manifest.kind}, and the door {name} takes models of a {taken}")
    return protocol


def bound_row(subject: Subject) -> int:
    """Return how many bytes a row of an answer can have: its values or digests, stage by stage, and its outputs."""
    stages = subject.forecast(subject.tested.select(slice(1))).stages
    classes = subject.bundle.manifest.classes
    values = sum(stage.size for stage in stages.values()) + len(classes) + FRAME_COLUMNS
    return BYTES_PER_VALUE * values + BYTES_PER_LETTER * max(len(str(label)) for label in (*classes, ""))


def list_checks(bundle: Bundle, door: str = "") -> Sequence[Check]:
    """Return the checks of a kind of model, in the order in which they run; through a door those that it has."""
    return [check for check in CHECKS_OF[bundle.manifest.kind] if not (door and check.name in OF_OUR_API)]
