"""The feature set of docs/features.md is trained with, verified, and computes what it says."""

import re
import shlex
import shutil
from pathlib import Path

import numpy as np

from lockstep.bundles.reading import load_series
from qa.servers import ROOT
from tests.commands import run_command

PAGE = (ROOT / "docs" / "features.md").read_text()


def test_the_set_of_the_page_is_trained_and_verified_by_its_command(tmp_path: Path) -> None:
    (tmp_path / "preprocessing").mkdir()
    [code] = re.findall(r"^```python\n(.*?)^```$", PAGE, re.M | re.S)
    (tmp_path / "preprocessing" / "momentum.py").write_text(code)
    (tmp_path / "lockstep.toml").write_text("")
    shutil.copytree(ROOT / "data", tmp_path / "data")
    [line] = re.findall(r"^\.venv/bin/lockstep (.*)$", PAGE, re.M)
    for arguments in (shlex.split(line), ["verify"]):
        run_command(*arguments, folder=tmp_path).check_output()
    bundle = load_series(tmp_path / "models" / "momentum" / "1")
    features = bundle.forecaster.feature_set.build(bundle.bars)
    close = bundle.bars.close
    assert np.isnan(features[:49]).all()
    assert features[49:, 0].tolist() == (close[49:] / close[48:-1]).tolist()
    expected = [(close[t - 9 : t + 1].mean() - close[t - 49 : t + 1].mean()) / close[t] for t in range(49, close.size)]
    assert np.allclose(features[49:, 2], expected, rtol=0, atol=1e-12)
