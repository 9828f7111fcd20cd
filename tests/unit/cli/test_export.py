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
