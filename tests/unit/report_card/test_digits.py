"""Numbers have the digits that mean something."""

import pytest

from lockstep.report_card.digits import (
    show_count,
    show_move,
    show_number,
    show_percent,
    show_price,
    show_score,
    show_value,
)


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (show_price(24.6789), "24.68"),
        (show_price(1.08451), "1.0845"),
        (show_price(1234567.891), "1,234,567.89"),
        (show_move(0.00517), "+0.52 %"),
        (show_move(-0.00517), "−0.52 %"),
        (show_move(-1e-9), "0.00 %"),
        (show_score(1.12515), "1.125"),
        (show_percent(0.798), "79.8 %"),
        (show_percent(0.011784, 3), "1.178 %"),
        (show_number(-0.001, 2), "0.00"),
        (show_number(1e99, 2), "1e+99"),
        (show_value(0.000265891), "0.0002659"),
        (show_value(-1.5e-7), "−1.5e−07"),
        (show_count(1131), "1,131"),
    ],
)
def test_numbers_as_people_read_them(shown: str, expected: str) -> None:
    assert shown == expected
