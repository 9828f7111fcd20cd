"""A rate: so many requests in a second, a minute or an hour."""

import re
from dataclasses import dataclass

PERIODS_S = {"second": 1, "minute": 60, "hour": 3600}
FORM = re.compile(r"([1-9][0-9]{0,8})/(second|minute|hour)")


@dataclass(frozen=True)
class Rate:
    """A number of requests in one period, which is a key of `PERIODS_S`."""

    requests: int
    period: str

    def __str__(self) -> str:
        return f"{self.requests}/{self.period}"

    @property
    def period_s(self) -> int:
        """Return the length of the period."""
        return PERIODS_S[self.period]


def parse_rate(text: str) -> Rate:
    """Return the rate in `12000/minute`; raise ValueError."""
    found = FORM.fullmatch(text)
    if not found:
        raise ValueError("expected a form like 12000/minute (or second, or hour), or off")
    return Rate(int(found[1]), found[2])
