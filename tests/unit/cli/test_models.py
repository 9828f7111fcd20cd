import json
import re
import shutil
from pathlib import Path

import msgspec
import pytest

from lockstep.bundles.reading import load_series
from lockstep.cli.folders import NotHere
from lockstep.errors import DigestMismatch, InvalidBundle, UnknownModel
from lockstep.predict.exact.forms import decode_form
from qa.default_bundle import DEFAULT_BUNDLE
from tests.unit.cli.conftest import Run
from tests.unit.conftest import Reseal

pytestmark = pytest.mark.filterwarnings("ignore:Series.values returning:DeprecationWarning")  # exchange_calendars


@pytest.fixture
def application(tmp_path: Path, bundle: Path, run: Run, prices: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An application whose model `tiny` has two versions that learned from other rows."""
    (tmp_path / "lockstep.toml").write_text("")
    (tmp_path / "models").mkdir()
    bundle.parent.rename(tmp_path / "models" / "tiny")
    shutil.copytree(DEFAULT_BUNDLE.parents[2] / "preprocessing", tmp_path / "preprocessing")
    monkeypatch.chdir(tmp_path)
    arguments = ("--symbol", "TINY", "--test-rows", 150, "--calendar", "file")
    assert run("train", prices, *arguments).exit_code == 0
    return tmp_path


def test_models_are_listed_with_scores_beside_naive_ones(application: Path, run: Run) -> None:
    heading, first, second = run("models").stdout.splitlines()
    assert heading.split()[:4] == ["model", "version", "aliases", "kind"]
    manifest = load_series(application / "models" / "tiny" / "1").manifest
    scores = msgspec.to_builtins(manifest.scores)
    shown = first.split()
    assert shown[:4] == ["tiny", "1", "champion", "series"]
    assert shown[4:7] == [
        f"{scores['model']['mae']:.6f}", f"{scores['always 1.0']['mae']:.6f}", manifest.digest[:12],
    ]  # fmt: skip
    assert second.split()[:3] == ["tiny", "2", "-"]


@pytest.mark.parametrize("name", ["list", "ls"])
def test_a_command_that_lists_is_refused_with_the_one_that_does(name: str, run: Run) -> None:
    refused = run("models", name)
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert f"Error: no command '{name}': `lockstep models` alone lists the versions\n" in refused.stderr
    assert "No such command 'lists'" in run("models", "lists").stderr


def test_an_empty_application_says_how_to_train(tmp_path: Path, run: Run) -> None:
    assert "train one with: lockstep train" in run("models", "--models", tmp_path / "none").stdout


def test_training_moves_no_alias_and_promoting_does(application: Path, run: Run) -> None:
    aliases = application / "models" / "tiny" / "aliases.json"
    assert json.loads(aliases.read_text()) == {"champion": 1}
    promoted = run("models", "promote", "tiny", 2)
    assert promoted.stdout.startswith("tiny: champion is version 2, and was 1\nnext  commit aliases.json and deploy")
    run("models", "promote", "tiny", 1, "--alias", "shadow")
    assert json.loads(aliases.read_text()) == {"champion": 2, "shadow": 1}


def test_a_version_is_shown_as_its_manifest(application: Path, run: Run) -> None:
    shown = run("models", "show", "tiny", "--version", "2", "--json").stdout
    assert shown == (application / "models" / "tiny" / "2" / "manifest.json").read_text()


def test_a_version_is_shown_in_short(application: Path, run: Run) -> None:
    lines = run("models", "show", "tiny", "--version", "2").stdout.splitlines()
    assert len(lines) < 110
    assert [line for line in lines if line.startswith(("files.", "evaluation.", "schema.calendar.holidays"))] == []
    assert [line for line in lines if line.split()[-1:] in (["None"], ["[]"])] == []
    assert lines[-1] == "more  lockstep models show tiny --version 2 --json"
    assert ["test.rows", "150"] in [line.split() for line in lines]
    assert sum(bool(re.match(r"interval\.scores\.levels\.\d+ +coverage 0\.\d+, below 0", line)) for line in lines) == 4


def test_a_version_is_promoted_by_another_alias_and_an_alias_is_dropped(application: Path, run: Run) -> None:
    run("models", "promote", "tiny", 2, "--alias", "next")
    run("models", "promote", "tiny", "next")
    run("models", "unalias", "tiny", "next")
    assert json.loads((application / "models" / "tiny" / "aliases.json").read_text()) == {"champion": 2}
    with pytest.raises(UnknownModel, match=r"tiny has no alias 'next'; aliases: champion \(2\)"):
        run("models", "unalias", "tiny", "next")
    with pytest.raises(UnknownModel, match="a model needs a champion"):
        run("models", "unalias", "tiny", "champion")


def test_a_version_that_cannot_be_served_is_not_promoted(application: Path, run: Run) -> None:
    (application / "models" / "tiny" / "2" / "bars.csv").write_bytes(b"")
    with pytest.raises(DigestMismatch, match=r"tiny/2: bars\.csv has SHA-256"):
        run("models", "promote", "tiny", 2)
    assert json.loads((application / "models" / "tiny" / "aliases.json").read_text()) == {"champion": 1}


def test_a_path_is_no_name_of_a_model(application: Path, run: Run) -> None:
    with pytest.raises(UnknownModel, match=r"no model '\.\./models/tiny' in"):
        run("models", "remove", "../models/tiny", 2)


def test_a_version_is_removed_unless_an_alias_names_it(application: Path, run: Run) -> None:
    with pytest.raises(UnknownModel, match=r"tiny/1 is not removed: it is the champion\. Promote another version"):
        run("models", "remove", "tiny", 1)
    run("models", "remove", "tiny", 2)
    left = sorted(path.name for path in (application / "models" / "tiny").iterdir())
    assert left == ["1", "aliases.json", "removed.json"]
    with pytest.raises(UnknownModel, match="tiny has no version '2'; versions: 1"):
        run("models", "remove", "tiny", 2)


def test_a_broken_version_is_listed_with_its_fault(application: Path, run: Run) -> None:
    (application / "models" / "tiny" / "1" / "manifest.json").write_bytes(b"{}")
    _, first, second = run("models").stdout.splitlines()
    assert first.split()[:4] == ["tiny", "1", "champion", "broken:"]
    assert "models/tiny/1: " in first
    assert second.split()[3] == "series"


def test_lists_of_one_length_are_compared_by_their_values(application: Path, run: Run, reseal: Reseal) -> None:
    folder = application / "models" / "tiny" / "2"
    entry = load_series(folder).manifest.feature_set
    columns = [*entry.columns[:-1], "other"]
    reseal(folder, feature_set=msgspec.structs.replace(entry, columns=columns))
    assert "feature_set.columns" in run("models", "diff", "tiny", "1", "2").stdout


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("promote", "tiny", 3), "tiny has no version '3'; versions: 1, 2"),
        (("remove", "tiny", 3), "tiny has no version '3'"),
        (("show", "gold"), "no model 'gold' in .*; models: tiny"),
        (("diff", "tiny", "1", "next"), "tiny has no version 'next'"),
    ],
)
def test_what_is_not_there_is_refused(application: Path, run: Run, arguments: tuple[object, ...], reason: str) -> None:
    with pytest.raises(UnknownModel, match=reason):
        run("models", *arguments)


def test_two_versions_are_compared_by_what_made_them_and_what_they_answer(application: Path, run: Run) -> None:
    lines = run("models", "diff", "tiny", "1", "2").stdout.splitlines()
    changed = {line.split()[0]: line.split()[1:] for line in lines if " -> " in line and not line.startswith(" ")}
    assert changed["test.rows"] == ["100", "->", "150"]
    assert "scores.model.mae" in changed
    assert "symbol" not in changed
    (counted,) = [line for line in lines if line.startswith("answers:")]
    assert counted.endswith("of 100 dates that both evaluations have differ")
    before, after = (load_series(application / "models" / "tiny" / v).evaluation for v in ("1", "2"))
    change = abs(after.y_pred[-100:] - before.y_pred)
    assert int(counted.split()[1]) == (change > 0).sum()
    shown = [line.split() for line in lines[lines.index(counted) + 1 :]]
    assert shown[0][0] == str(before.dates[change.argmax()])


def test_a_version_does_not_differ_from_itself(application: Path, run: Run) -> None:
    assert run("models", "diff", "tiny", "1", "champion").stdout.startswith("answers: 0 of 100 dates")


@pytest.mark.parametrize("command", ["promote", "remove"])
def test_on_a_dyno_nothing_is_changed_and_the_setting_is_named(
    application: Path, run: Run, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setenv("DYNO", "web.1")
    with pytest.raises(NotHere, match="heroku config:set LOCKSTEP_ALIASES=tiny@champion=VERSION"):
        run("models", command, "tiny", 2)


@pytest.mark.parametrize("command", ["promote", "remove"])
def test_the_librarys_own_application_is_not_changed(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(NotHere, match="read-only; `lockstep init DIR` makes an application of your own"):
        run("models", command, "msft", 1)


def test_a_bundle_of_the_newest_layout_is_not_sealed_again(application: Path, run: Run) -> None:
    with pytest.raises(InvalidBundle, match="has layout 1 already, the newest that this version writes"):
        run("models", "reseal", "tiny")


def test_a_bundle_of_an_older_layout_is_sealed_again_as_the_next_version(
    application: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("lockstep.predict.exact.forms", "lockstep.predict.derive.model"):
        monkeypatch.setattr(f"{module}.LAYOUTS", (1, 2))
    monkeypatch.setattr("lockstep.training.resealing.LAYOUT", 2)
    shown = run("models", "reseal", "tiny").stdout.splitlines()
    assert shown[-1] == "next  lockstep models promote tiny 3"
    old, new = (application / "models" / "tiny" / version for version in ("1", "3"))
    assert decode_form((new / "exact.msgpack").read_bytes()).layout == 2
    for name in ("model.pkl", "scaler.pkl", "bars.csv", "evaluation.csv"):
        assert (new / name).read_bytes() == (old / name).read_bytes()
    run("models", "promote", "tiny", 3)
    assert run("verify", new).exit_code == 0
