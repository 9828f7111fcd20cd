"""What ends a batch run."""

from lockstep.errors import LockstepError


class BatchError(LockstepError):
    """A batch job that cannot begin, or cannot go on."""


class NoJob(BatchError):
    """A folder that holds no job whose rows a service can answer."""


class RunStopped(BatchError):
    """A run that cannot go on, and why."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"{reason}. What is finished is kept, and the same command goes on with the rest")
