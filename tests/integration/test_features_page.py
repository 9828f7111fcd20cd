"""The feature set of docs/your-own-features.md is trained, verified, and computes what it says; pandas does not."""

import re
import shlex
import shutil
from contextlib import chdir
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lockstep.bundles.reading import load_series
from lockstep.features import windows
from qa.servers import ROOT
from tests.commands import run_command
from tests.pages import find_blocks

PAGE = (ROOT / "docs" / "your-own-features.md").read_text()


def test_the_set_of_the_page_is_trained_and_verified_by_its_command(tmp_path: Path) -> None:
    (tmp_path / "preprocessing").mkdir()
    code, _ = re.findall(r"^```python\n(.*?)^```$", PAGE, re.M | re.S)
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


def test_a_rolling_deviation_of_pandas_changes_in_every_row_with_the_start(capsys: pytest.CaptureFixture[str]) -> None:
    _, code = find_blocks(PAGE, "python")
    with chdir(ROOT):
        exec(compile(code, "your-own-features.md", "exec"), {})  # noqa: S102 -- our own page
    assert [capsys.readouterr().out] == find_blocks(PAGE, "text")
    assert "with `mean()` it is one in eight" in PAGE
    close = pd.read_csv(ROOT / "data" / "MSFT.csv")["Close"]
    changed = (close.rolling(50).mean()[1500:] != close[1000:].rolling(50).mean()[500:]).mean()
    assert round(1 / changed) == 8


def test_the_functions_and_files_that_it_recommends_exist() -> None:
    table = PAGE.partition("## What to use instead")[2].partition("## Rules")[0]
    named = set(re.findall(r"`([a-z]+_[a-z]+)`", table))
    assert named == {"window_sums", "window_max", "exponential_means", "exponential_weights"}
    assert named <= {*vars(windows)}
    assert all((ROOT / name).is_file() for name in re.findall(r"`(preprocessing/(?!momentum)\w+\.py)", PAGE))
