"""Every fault of `make chaos` and the load of `make load`, in their short forms."""

from collections.abc import Callable

import pytest

from qa.chaos.faults import FAULTS
from qa.chaos.load import load_fully
from qa.chaos.plan import SHORT, Finding, Plan


@pytest.mark.parametrize("fault", [*FAULTS, load_fully], ids=lambda fault: fault.__name__)
def test_the_promise_is_kept_under_the_fault(fault: Callable[[Plan], Finding]) -> None:
    finding = fault(SHORT)
    assert finding.figures
    assert finding.broken == []
