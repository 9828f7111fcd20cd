"""One release of a bundle: what it is, and the commands of its way to the app and back."""

import sys
from dataclasses import dataclass
from pathlib import Path

from lockstep.errors import LockstepError

NOT_UP, NOT_ROLLED_BACK = 6, 7
DIGEST_SHOWN = 12


class NotProven(LockstepError):
    """Why a release must not stay, with the exit code for it."""

    def __init__(self, reason: str, exit_code: int = NOT_UP) -> None:
        super().__init__(reason)
        self.exit_code = exit_code


@dataclass(frozen=True)
class Release:
    """What is released: the bundle by folder and digest, and the commit where there is one."""

    app: str
    bundle: Path
    digest: str
    commit: str | None

    @property
    def push_command(self) -> list[str]:
        """Return the command that builds and pushes the image of Dockerfile.web."""
        argument = ["--arg", f"LOCKSTEP_COMMIT={self.commit}"] if self.commit else []
        return ["heroku", "container:push", "web", "--recursive", *argument, "-a", self.app]

    @property
    def release_command(self) -> list[str]:
        """Return the command that makes the pushed image run."""
        return ["heroku", "container:release", "web", "-a", self.app]

    def parity_command(self, url: str) -> list[str]:
        """Return the command that proves the service at `url`; its key comes from the environment."""
        return [sys.executable, "-m", "lockstep", "parity", url, "--bundle", str(self.bundle)]

    def rollback_command(self, to: str) -> list[str]:
        """Return the command that brings back the release `to`.

        It is named because without a name the CLI takes the last but one, which is the wrong one where
        `container:release` failed before it made any.
        """
        return ["heroku", "rollback", to, "-a", self.app]

    @property
    def described(self) -> str:
        """Return what `/version` has to tell of it, in words."""
        return describe_version([self.digest], self.commit)


def describe_version(digests: list[str], commit: str | None) -> str:
    """Return what `/version` tells of models and commit, in words."""
    shown = ", ".join(digest[:DIGEST_SHOWN] for digest in digests)
    return f"digest {shown}" + (f", commit {commit}" if commit else "")
