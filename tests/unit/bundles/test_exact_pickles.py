"""Whatever has an exact form passes the allow-list of pickles, and has the same form afterwards."""

import pickle

import msgspec
import pytest

from lockstep.bundles.unpickle import unpickle
from lockstep.predict.derive.model import derive_model, derive_step
from lockstep.predict.exact.packing import pack_array
from qa.exact.families import FAMILIES
from qa.exact.instances import name_instances

INSTANCES = name_instances(FAMILIES)


@pytest.mark.parametrize("name", INSTANCES)
def test_an_unpickled_object_has_the_form_of_the_fitted_one(name: str) -> None:
    fitted = INSTANCES[name]().fitted
    again = unpickle(pickle.dumps(fitted), "model.pkl")
    forms = [
        derive_model(None, each).form if hasattr(fitted, "predict") else derive_step(each).form
        for each in (fitted, again)
    ]
    first, second = (msgspec.msgpack.encode(form, enc_hook=pack_array) for form in forms)
    assert first == second
