"""From a bundle of any kind to what is checked of it, and by which checks."""

from collections.abc import Sequence

from lockstep.bundles.bundle import Bundle
from lockstep.bundles.panels.bundle import PanelBundle
from lockstep.bundles.series import as_series
from lockstep.bundles.table import TableBundle
from lockstep.data.cells import MAX_SHOWN_CHARACTERS
from lockstep.errors import LockstepError, UnknownSymbol
from lockstep.parity.checks import CHECKS_OF, OF_OUR_API, Check
from lockstep.parity.client import ServiceClient
from lockstep.parity.doors.listed import PROTOCOLS
from lockstep.parity.doors.protocol import Protocol
from lockstep.parity.panel import PanelSubject
from lockstep.parity.scope import WHOLE, Scope
from lockstep.parity.series import SeriesSubject
from lockstep.parity.subject import Subject
from lockstep.parity.table import TableSubject


class WrongDoor(LockstepError):
    """A door that takes no rows of the model that is to be proven."""


SERIES = "series"
FRAME_COLUMNS = 16
"""More columns than a frame has beside the outputs of a model."""
BYTES_PER_VALUE = 128
"""A digest, the longest value that is no label, has 64 letters; the rest is room for blanks."""
BYTES_PER_LETTER = 24
"""A letter of a label is two escapes at most, in the frame and in the trace."""


def make_subject(client: ServiceClient, bundle: Bundle, seed: int, scope: Scope = WHOLE, *, door: str = "") -> Subject:
    """Return the two sides of every comparison with a service that should serve the bundle, maybe through a door.

    Of a panel it is the series that the scope names, or without one the whole, of which each request is about a series
    that is drawn. Raises `WrongDoor`, or `UnknownSymbol`. From here on no answer to the client may be longer than the
    bundle's right ones are.
    """
    protocol, symbol = _open_door(door, bundle) if door else None, scope.symbol
    subject: Subject
    if isinstance(bundle, TableBundle):
        subject = TableSubject(client, bundle, seed, scope, protocol)
    elif isinstance(bundle, PanelBundle):
        stands_for = bundle.pick(bundle.draw()[0] if symbol is None else symbol)
        open_panel = PanelSubject if symbol is None else SeriesSubject
        subject = open_panel(client, stands_for, seed, scope, protocol, panel=bundle)
    else:
        subject = SeriesSubject(client, as_series(bundle), seed, scope, protocol)
    if symbol is not None and getattr(subject.bundle.manifest, "symbol", None) != symbol:
        raise UnknownSymbol(f"{bundle.manifest.name} is no model of {symbol[:MAX_SHOWN_CHARACTERS]!r}")
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


def list_checks(bundle: Bundle, door: str = "", symbol: str | None = None) -> Sequence[Check]:
    """Return the checks of a kind of model, in the order in which they run; through a door those that it has.

    One series of a panel, by its `symbol`, has those of a series.
    """
    kind = bundle.manifest.kind if symbol is None else SERIES
    return [check for check in CHECKS_OF[kind] if not (door and check.name in OF_OUR_API)]
