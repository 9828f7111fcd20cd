"""What stops a run."""


class RunFailed(Exception):
    """The reason for which nothing could be measured, with the `log` of the server or program that failed."""

    def __init__(self, reason: str, log: str = "") -> None:
        super().__init__(reason)
        self.reason, self.log = reason, log

    def __str__(self) -> str:
        return f"{self.reason}\n{self.log}".strip()


class ToolMissing(RunFailed):
    """A program of somebody else that is not installed; the reason says what installs it."""
