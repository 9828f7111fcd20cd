"""Every error of bundles and training, on the root of `preprocessing.errors`.

LockstepError
├── BundleError              a bundle that must not be used
│   ├── InvalidBundle        unreadable, incomplete or inconsistent
│   ├── DigestMismatch       a file is not the one that the manifest pins
│   ├── VersionMismatch      made with other library versions; names the command that fixes it
│   ├── ForbiddenPickle      a pickle asks for something outside the allow-list
│   └── EvaluationMismatch   this machine does not reproduce the bundle's evaluation
└── TrainingError            prices from which no model can be made
"""

from preprocessing.errors import LockstepError


class BundleError(LockstepError):
    """Refuse a bundle."""


class InvalidBundle(BundleError):
    """Say which part of a bundle is missing, unreadable or contradicts another."""


class DigestMismatch(BundleError):
    """Name the file whose bytes are not the ones that were evaluated."""


class VersionMismatch(BundleError):
    """Name the library that differs, both versions, and the command that installs the right ones."""


class ForbiddenPickle(BundleError):
    """Name the class or function that a pickle asked for."""


class EvaluationMismatch(BundleError):
    """Name the first row, stage and both values where the recomputed evaluation differs."""


class TrainingError(LockstepError):
    """Say what the prices lack."""
