"""Logarithms to the last bit, the same on every machine: a form that is derived elsewhere has the same bytes.

The C library's logarithm, which scikit-learn takes, may differ in the last bit from one processor to the next.
"""

from collections.abc import Sequence
from decimal import Decimal, localcontext

DIGITS = 60
"""Far more than a float64 has."""
NEAR_HALF = (0.3, 0.65)
"""Between these, scipy's logit is a difference of two logarithms near 1, and so is this one."""


def log_odds(share: float) -> float:
    """Return the logarithm of share / (1 - share); the share is between 0 and 1."""
    if not NEAR_HALF[0] <= share <= NEAR_HALF[1]:
        return float(log(Decimal(share / (1.0 - share))))
    twice = 2.0 * (share - 0.5)
    return float(log(1 + Decimal(twice))) - float(log(1 - Decimal(twice)))


def center_logs(shares: Sequence[float]) -> list[float]:
    """Return the logarithm of each share over their geometric mean."""
    with localcontext() as context:
        context.prec = DIGITS
        total = sum((log(Decimal(share)) for share in shares), Decimal(0))
        mean = float((total / len(shares)).exp())
    return [float(log(Decimal(share / mean))) for share in shares]


def log(value: Decimal) -> Decimal:
    """Return the natural logarithm, to `DIGITS` digits."""
    with localcontext() as context:
        context.prec = DIGITS
        return value.ln()
