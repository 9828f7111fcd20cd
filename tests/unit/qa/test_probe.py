import sys
from pathlib import Path

import numpy._core._multiarray_umath as core
import pytest

from qa.matrix.cells import DISABLE_SIMD, KERNEL
from qa.matrix.probe import NotInForce, ask_facts
from qa.servers import make_environ

PYTHON = Path(sys.executable)


def test_the_probe_tells_what_its_environment_does() -> None:
    least = {DISABLE_SIMD: " ".join(ask_facts(PYTHON, make_environ({})).simd), KERNEL: "Prescott"}
    facts = ask_facts(PYTHON, make_environ(least))
    assert facts.python == sys.version.split()[0]
    assert (facts.simd, facts.kernels) == ((), ("Katmai",))


@pytest.mark.parametrize("feature", ["NO_SUCH_FEATURE", core.__cpu_baseline__[-1]])
def test_a_feature_that_numpy_cannot_switch_off_is_no_cell(feature: str) -> None:
    with pytest.raises(NotInForce, match="cannot disable CPU feature"):
        ask_facts(PYTHON, make_environ({DISABLE_SIMD: feature}))
