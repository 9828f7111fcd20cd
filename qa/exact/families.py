"""Every family with an exact form, for the table of `python -m qa.exact` and for the tests."""

from qa.exact.boosting import BOOSTING
from qa.exact.instances import Family
from qa.exact.linear import LINEAR
from qa.exact.steps import STEPS
from qa.exact.trees import TREES

FAMILIES: tuple[Family, ...] = (*STEPS, *LINEAR, *TREES, *BOOSTING)
