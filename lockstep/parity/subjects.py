"""From a bundle of any kind to what is checked of it, and by which checks."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from lockstep.bundles.bundle import Bundle
from lockstep.bundles.series import as_series
from lockstep.bundles.table import TableBundle
from lockstep.parity.checks import CHECKS_OF, Check
from lockstep.parity.client import ServiceClient
from lockstep.parity.series import SeriesSubject
from lockstep.parity.subject import Subject
from lockstep.parity.table import TableSubject


def make_subject(
    client: ServiceClient, bundle: Bundle, seed: int, only: Mapping[str, Sequence[int]] = MappingProxyType({})
) -> Subject:
    """Return the two sides of every comparison with a service that should serve the bundle.

    `only` limits a check to the requests of some numbers.
    """
    if isinstance(bundle, TableBundle):
        return TableSubject(client, bundle, seed, only)
    return SeriesSubject(client, as_series(bundle), seed, only)


def list_checks(bundle: Bundle) -> Sequence[Check]:
    """Return the checks of a kind of model, in the order in which they run."""
    return CHECKS_OF[bundle.manifest.kind]
