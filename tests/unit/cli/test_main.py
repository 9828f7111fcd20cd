import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lockstep.bundles.evaluation import EVALUATION_FILE, write_evaluation
from lockstep.bundles.reading import load_series
from lockstep.bundles.saving import save_bundle, seal_manifest
from lockstep.cli.main import COMMANDS, main
from lockstep.distribution import install_command, write_install
from qa.default_bundle import FILES
from tests.unit.cli.conftest import Run

pytestmark = pytest.mark.filterwarnings("ignore:Series.values returning:DeprecationWarning")  # exchange_calendars
ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("command", [*([name] for name in COMMANDS), ["keys", "new"]], ids=" ".join)
def test_help_shows_an_example(run: Run, command: list[str]) -> None:
    shown = run(*command, "--help")
    assert shown.exit_code == 0
    assert f"Example: lockstep {' '.join(command)} " in " ".join(shown.stdout.split())


def test_help_lists_the_commands_and_a_first_step(run: Run) -> None:
    shown = run("--help").stdout
    lines = [" ".join(line.split()) for line in shown.splitlines()]
    assert [line for line in lines if line.split(" ")[0] in COMMANDS] == list(map(" ".join, COMMANDS.items()))
    assert "Begin with: lockstep train" in shown


def test_unknown_command_is_a_usage_error(run: Run) -> None:
    assert run("predict").exit_code == 2


def test_a_package_that_is_missing_alone_is_named_without_an_extra(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    said = run("ray", "check", "serve.yaml").stderr
    assert f"`lockstep ray` needs PyYAML, not installed here; run: {write_install('PyYAML')}" in said


def test_a_misspelt_command_is_refused_with_the_nearest_one(run: Run) -> None:
    assert "No such command 'forcast'; did you mean 'forecast'?" in run("forcast").stderr


def test_outside_of_any_application_help_says_what_init_does(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = "`lockstep init DIR` writes one of your own into a folder"
    assert said not in run("--help").stdout
    monkeypatch.chdir(tmp_path)
    assert all(said in " ".join((shown.stdout + shown.stderr).split()) for shown in (run(), run("--help")))
    (tmp_path / "lockstep.toml").write_text("nonsense")
    assert said not in run("--help").stdout


WITHOUT_LIBRARY = """
import sys
sys.modules[sys.argv.pop(1)] = None  # as if it were not installed
from lockstep.cli.main import main
main()
"""


@pytest.mark.parametrize(
    ("command", "library", "extra"),
    [
        ("train", "rich", "train"), ("evaluate", "matplotlib", "train"), ("parity", "requests", "parity"),
        ("deploy", "requests", "parity"), ("serve", "gunicorn", "serve"),
    ],
)  # fmt: skip
def test_missing_library_names_the_command_that_installs_it(command: str, library: str, extra: str) -> None:
    call = [sys.executable, "-c", WITHOUT_LIBRARY, library, command, "--help"]
    refused = subprocess.run(call, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert refused.returncode == 1
    assert f"`lockstep {command}` needs {library}" in refused.stderr
    assert f"run: {install_command(extra)}" in refused.stderr


@pytest.fixture
def files(prices: Path, bundle: Path, tmp_path: Path) -> dict[str, str]:
    """Files that commands have to refuse, by the names that the cases below use."""
    lines = prices.read_text().splitlines()
    (tmp_path / "few.csv").write_text("\n".join(lines[:200]))
    (tmp_path / "gap.csv").write_text("\n".join(lines[:9] + lines[10:]))
    (tmp_path / "bad.csv").write_text("\n".join(lines).replace("90.81", "ten", 1))
    (tmp_path / "book.xlsx").write_bytes(b"PK\x03\x04\xff\xfe\x90")
    loaded, contents = load_series(bundle), {name: (bundle / name).read_bytes() for name in FILES}
    cells = {**loaded.evaluation.cells, "y_pred": np.nextafter(loaded.evaluation.y_pred, 2.0)}
    contents[EVALUATION_FILE] = write_evaluation(replace(loaded.evaluation, cells=cells)).encode()
    save_bundle(tmp_path / "other", seal_manifest(loaded.manifest, contents), contents)
    with (bundle / "model.pkl").open("ab") as tampered:
        tampered.write(b"\0")
    (tmp_path / "empty").mkdir()
    return {"dir": str(tmp_path), "out": f"--symbol T --test-rows 100 --out {tmp_path}/out"}


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("verify {dir}/tiny", "/tiny/1: model.pkl has SHA-256"),
        ("verify {dir}/other", "tiny: 100 of 100 rows differ; first 2001-"),
        ("verify {dir}/empty", "empty holds no model; expected a models folder, models/NAME or models/NAME/VERSION"),
        ("evaluate {dir}/tiny", "/tiny/1: model.pkl has SHA-256"),
        ("train {dir}/few.csv {out}", "199 bars are too few: at least 260 bars are needed, for 11 test rows, 50 "
                                      "learning rows, a look-back of 200 and a horizon of 1"),
        ("train {dir}/gap.csv {out} --calendar XNYS", "gap.csv has no bar for 1 session(s) of XNYS: 2000-03-13"),
        ("train {dir}/bad.csv {out}", "line 2, close: 'ten' is not a number"),
        ("train {dir}/book.xlsx {out}", "book.xlsx"),
        ("train {dir}/prices.csv {out} --calendar MOON", "no calendar 'MOON'"),
        ("train {dir}/prices.csv {out} --estimator woods", "no estimator is called 'woods'; expected tree, forest"),
        ("train {dir}/prices.csv {out} --estimator logistic", "LogisticRegression is no regressor"),
        ("train {dir}/prices.csv {out} --scaler ridge", "no scaler is called 'ridge'; expected standard"),
        ("train {dir}/prices.csv {out} --target up", "no target 'up'; expected return, direction"),
        ("train {dir}/prices.csv {out} --select --target direction", "--select compares with "),
        ("train {dir}/prices.csv {out} --select --test-rows 180", "learning rows are too few for 5 folds"),
        ("train {dir}/prices.csv {out} --estimator ridge --grid", "--grid without a value is for the default tree"),
        ("train {dir}/prices.csv {out} --features os:path", "'os:path' is a module, not a FeatureSet"),
        ("evaluate {good} --picture {dir}/nowhere/a.png", "nowhere"),
        ("evaluate {good} --html {dir}/nowhere/a.html", "nowhere"),
    ],
)  # fmt: skip
def test_error_is_one_line_and_exit_code_1(
    arguments: str,
    expected: str,
    files: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    filled = arguments.format(**files, good=ROOT / "models" / "msft")
    monkeypatch.setattr(sys, "argv", ["lockstep", *filled.split()])
    with pytest.raises(SystemExit) as stopped:
        main()
    printed = capsys.readouterr()
    assert (stopped.value.code, printed.out) == (1, "")
    assert printed.err.startswith("Error: ")
    assert printed.err.count("\n") == 1
    assert expected in printed.err
    assert not Path(files["dir"], "out").exists()


WEB_IMAGE = """
import sys
class Absent:  # as if not installed: scikit-learn tries some of them, and goes without
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("pandas", "rich", "matplotlib", "requests", "exchange_calendars"):
            raise ModuleNotFoundError(name=name)
sys.meta_path.insert(0, Absent())
import backend.wsgi, lockstep.web.wsgi, lockstep.cli.serve, lockstep.cli.main
sys.argv = ["lockstep", "verify"]
lockstep.cli.main.main()
"""


def test_verify_and_serve_work_without_the_libraries_of_training() -> None:
    run = subprocess.run([sys.executable, "-c", WEB_IMAGE], check=False, cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert "961 rows recomputed to the bit" in run.stdout
