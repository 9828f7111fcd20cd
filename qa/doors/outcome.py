"""What came of one client or server of others with one model."""

from dataclasses import dataclass

EQUAL = "equal"


@dataclass(frozen=True)
class Outcome:
    """A line of the report: requests that were sent, values that were compared, and what broke first, if anything."""

    door: str
    client: str
    version: str
    model: str
    requests: int
    values: int
    broken: str = ""

    @property
    def verdict(self) -> str:
        """Return the result in one line."""
        return self.broken.splitlines()[0] if self.broken else EQUAL
