"""From a bundle of any kind to what is checked of it, and by which checks."""

from collections.abc import Sequence

from lockstep.bundles.bundle import Bundle
from lockstep.bundles.series import as_series
from lockstep.bundles.table import TableBundle
from lockstep.parity.checks import CHECKS_OF, Check
from lockstep.parity.client import ServiceClient
from lockstep.parity.series import SeriesSubject
from lockstep.parity.subject import WHOLE, Asked, Subject
from lockstep.parity.table import TableSubject


def make_subject(client: ServiceClient, bundle: Bundle, seed: int, asked: Asked = WHOLE) -> Subject:
    """Return the two sides of every comparison with a service that should serve the bundle."""
    if isinstance(bundle, TableBundle):
        return TableSubject(client, bundle, seed, asked)
    return SeriesSubject(client, as_series(bundle), seed, asked)


def list_checks(bundle: Bundle) -> Sequence[Check]:
    """Return the checks of a kind of model, in the order in which they run."""
    return CHECKS_OF[bundle.manifest.kind]
