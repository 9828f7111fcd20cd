"""Who answers: the bundle that was evaluated, with the libraries that it was evaluated with."""

from collections.abc import Iterator

from lockstep.bundles.libraries import PINNED
from lockstep.bundles.manifest import Manifest
from lockstep.parity.answers import Version
from lockstep.parity.compare import Comparison
from lockstep.parity.doors.peer import Identity
from lockstep.parity.split.shares import ADVISE_EXPECT
from lockstep.parity.subject import Subject


def check_identity(subject: Subject) -> Comparison:
    """Compare `/version`, if there is one, and the digest of every answer of the run, with the local manifest."""
    manifest, version = subject.bundle.manifest, subject.ask_version()
    faults = list(_find_version_faults(manifest, version)) if subject.identity is Identity.SHOWN else []
    beside = set() if subject.is_default else {model.digest for model in version.models}
    for (is_forecast, digest), count in subject.client.digests.items():
        if not is_forecast and subject.identity is not Identity.SHOWN:
            continue  # another server writes its own refusals
        if digest not in ({manifest.digest} if is_forecast else {manifest.digest, *beside}):
            faults.append(f"{count} answers came from {digest or 'a service that does not say what it runs'}")
    answered = {digest for is_forecast, digest in subject.client.digests if is_forecast}
    faults += [ADVISE_EXPECT] if manifest.digest in answered and len(answered) > 1 else []
    return Comparison(subject.client.digests.total(), faults=tuple(faults))


def _find_version_faults(manifest: Manifest, version: Version) -> Iterator[str]:
    told = [model.digest for model in version.models]
    if manifest.digest not in told:
        yield f"/version tells of {', '.join(told) or 'no model'}, not of {manifest.digest}"
    for name in PINNED:
        if (serving := version.libraries.get(name)) != manifest.libraries[name]:
            yield f"the service runs {name} {serving}, the bundle was evaluated with {manifest.libraries[name]}"
    checks = [
        version.self_check.get(f"{model.name}/{model.version}")
        for model in version.models
        if model.digest == manifest.digest
    ]
    if None in checks:
        yield f"/version has no self-check of {manifest.name}"
    elif not all(check.equal for check in checks if check):
        yield "the service did not reproduce this bundle's evaluation when it started: see its /ready"
