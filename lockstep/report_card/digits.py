"""Numbers as people read them: as many digits as mean something."""

TOO_LONG = 1e15
"""What people no longer read digit by digit."""
SMALL_PRICE = 10.0
"""Below it a cent is much of a price; a rate of exchange is quoted with four digits."""
MINUS = "\N{MINUS SIGN}"


def show_percent(share: float, digits: int = 1) -> str:
    """Return a share or a return in percent: 79.8 %."""
    return f"{show_number(100.0 * share, digits)} %"


def show_move(change: float) -> str:
    """Return a return with its sign, in percent with two digits: +0.52 %."""
    return f"{'+' if change > 0.0 else ''}{show_number(100.0 * change, 2)} %"


def show_price(price: float) -> str:
    """Return a price with two digits, a small one with four: 24.68, 1.0845."""
    return show_number(price, 2 if abs(price) >= SMALL_PRICE else 4)


def show_score(score: float) -> str:
    """Return a score with three digits: 1.125."""
    return show_number(score, 3)


def show_value(value: float) -> str:
    """Return a number of any size with four digits: 0.1525, 152.5, 1.525e+06."""
    return _mend(f"{value:.4g}")


def show_number(value: float, digits: int) -> str:
    """Return a number with some digits after the point: 24.5; or with a power of ten if it has too many before it."""
    return show_value(value) if abs(value) >= TOO_LONG else _mend(f"{value:z,.{digits}f}")


def show_count(count: int) -> str:
    """Return a count: 1,131."""
    return f"{count:,}"


def _mend(digits: str) -> str:
    return digits.replace("-", MINUS)
