"""The numbers along an axis, with as few digits as tell them apart."""

import math

from lockstep.report_card.digits import show_number, show_percent
from lockstep.report_card.scale import Scale


def label_ticks(scale: Scale, is_percent: bool) -> list[tuple[float, str]]:
    """Return the round numbers within an axis, and how they are written."""
    step = scale.step * (100.0 if is_percent else 1.0)
    digits = max(0, -math.floor(math.log10(step) + 1e-9))
    return [(each, show_percent(each, digits) if is_percent else show_number(each, digits)) for each in scale.ticks]
