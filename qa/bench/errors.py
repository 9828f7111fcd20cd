"""What stops a run."""


class BenchError(Exception):
    """Say why nothing could be measured; `log` is what the server or the load generator wrote."""

    def __init__(self, reason: str, log: str = "") -> None:
        super().__init__(reason)
        self.log = log
