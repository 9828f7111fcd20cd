from pathlib import Path

import pytest

from lockstep.exporting.mlflow_loader import _load_pyfunc
from qa.default_bundle import DEFAULT_BUNDLE, DEFAULT_MODEL
from tests.unit.cli.conftest import Run


@pytest.mark.parametrize(
    "options", [(), ("--model", "msft"), ("--bundle", DEFAULT_BUNDLE), ("--bundle", DEFAULT_MODEL)]
)
def test_a_version_is_exported_and_the_next_commands_are_shown(
    tmp_path: Path, run: Run, options: tuple[object, ...]
) -> None:
    target = tmp_path / "exported"
    shown = run("export", "mlflow", target, *options)
    assert shown.exit_code == 0
    assert f"mlflow models serve -m {target} --env-manager local" in shown.stdout
    assert "--bundle" in shown.stdout
    assert "--door mlflow" in shown.stdout
    exported = target / "application" / "models" / "msft" / "1"
    assert (exported / "manifest.json").read_bytes() == (DEFAULT_BUNDLE / "manifest.json").read_bytes()
    assert str(_load_pyfunc(str(exported)).registry.default) == "msft/1"


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_an_evaluation_is_exported_for_nixtlas_tools(tmp_path: Path, run: Run, suffix: str) -> None:
    target = tmp_path / f"msft{suffix}"
    shown = run("export", "nixtla", target, "--bundle", DEFAULT_MODEL, "--level", 80)
    assert shown.exit_code == 0
    assert "960 rows, unique_id, ds, cutoff, y, msft, naive, msft-lo-80, msft-hi-80" in shown.stdout
    assert target.stat().st_size > 10_000


def test_another_ending_is_refused_before_anything_is_loaded(tmp_path: Path, run: Run) -> None:
    shown = run("export", "nixtla", tmp_path / "msft.json")
    assert shown.exit_code == 2
    assert "ends neither in .csv nor in .parquet" in shown.stderr
