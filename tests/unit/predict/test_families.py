"""Every family with an exact form is as near to scikit-learn as it says; a difference is seen."""

import numpy as np
import pytest

from lockstep.predict.derive.families import BITS
from lockstep.predict.derive.model import derive_model
from qa.exact.comparison import NOT_COMPARABLE, compare, derive_answer, measure_difference
from qa.exact.families import FAMILIES
from qa.exact.instances import Instance, name_instances

INSTANCES = name_instances(FAMILIES)
BOUNDS = {name: family.bound for family in FAMILIES for name in name_instances([family])}


@pytest.fixture(scope="module", params=INSTANCES)
def named(request: pytest.FixtureRequest) -> tuple[str, Instance]:
    return request.param, INSTANCES[request.param]()


def test_a_family_is_as_near_to_scikit_learn_as_it_says(named: tuple[str, Instance]) -> None:
    name, instance = named
    difference = compare(instance)
    assert difference.labels == 0
    assert difference.ulp == 0 if BOUNDS[name] == BITS else difference.relative <= BOUNDS[name]


@pytest.mark.parametrize("name", [name for name in INSTANCES if name.endswith("-0")])
def test_a_row_alone_is_answered_with_the_bits_that_it_has_among_others(name: str) -> None:
    instance = INSTANCES[name]()
    if hasattr(instance.fitted, "predict"):
        answer = derive_answer(instance)
        alone, among = answer(instance.head(1).rows), answer(instance.rows)
        assert all(alone[stage].tobytes() == among[stage][:1].tobytes() for stage in among)


def test_a_form_says_whether_it_has_the_bits_of_scikit_learn(named: tuple[str, Instance]) -> None:
    fitted = named[1].fitted
    if hasattr(fitted, "predict"):
        derived = derive_model(None, fitted)
        assert derived.form.has_sklearn_bits == (derived.bound == BITS)


def test_every_family_has_three_instances_and_a_name_of_its_own() -> None:
    assert all(family.n_instances >= 3 for family in FAMILIES)
    assert len({family.name for family in FAMILIES}) == len(FAMILIES)


@pytest.mark.parametrize(
    ("ours", "ulp", "labels"),
    [
        ([1.0, 2.0], 0, 0),
        ([1.0, 2.0000000000000004], 1, 0),
        ([1.0, np.nan], NOT_COMPARABLE, 0),
        (["a", "b"], 0, 2),
    ],
)
def test_a_difference_is_counted(ours: list[float], ulp: int, labels: int) -> None:
    theirs = ["b", "a"] if labels else [1.0, 2.0]
    difference = measure_difference(np.array(ours), np.array(theirs))
    assert (difference.ulp, difference.labels) == (ulp, labels)


def test_another_zero_is_a_difference() -> None:
    assert measure_difference(np.array([0.0]), np.array([-0.0])).ulp == 1
