import hashlib
import importlib.util
import os
import py_compile
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from lockstep.applications import Application, find_application
from lockstep.errors import UnknownFeatureSet
from lockstep.features.feature_set import FeatureSet
from lockstep.features.loading import load_feature_set
from preprocessing.daily import DAILY
from tests.conftest import ROOT

OWN = """
from lockstep.features.feature_set import FeatureSet
from .shapes import WIDTH
OWN = FeatureSet(columns=("a",), lookback_bars=WIDTH, build=lambda bars: bars.values[:1].T)
"""


@pytest.fixture
def application(tmp_path: Path) -> Application:
    """An application whose modules have names that other packages have as well."""
    folder = tmp_path / "preprocessing"
    folder.mkdir()
    (folder / "own.py").write_text(OWN)
    (folder / "shapes.py").write_text("WIDTH = 7\n")
    (folder / "two.py").write_text(f"{OWN}TWO = OWN\n")
    (folder / "none.py").write_text("import lockstep\n")
    (folder / "absolute.py").write_text("from preprocessing.shapes import WIDTH\n")
    (folder / "bare.py").write_text("import shapes\n")
    (folder / "missing.py").write_text("import no_such_package\n")
    (folder / "broken.py").write_text("def\n")
    (folder / "raising.py").write_text("\nnothing\n")
    (folder / "beside.py").write_text("from preprocessing import shapes\n")
    return Application(tmp_path, "prices", tmp_path / "models")


def test_the_default_set_is_the_file_of_its_name() -> None:
    found = load_feature_set("daily", find_application(ROOT))
    assert (found.name, found.features.columns, found.features.lookback_bars) == ("daily", DAILY.columns, 200)
    assert found.sources == (str(ROOT / "preprocessing" / "daily.py"),)


def test_a_set_may_import_the_files_beside_it(application: Application) -> None:
    assert load_feature_set("own", application).features.lookback_bars == 7


def test_nothing_is_added_to_the_import_path(application: Application) -> None:
    before, modules = list(sys.path), set(sys.modules)
    load_feature_set("own", application)
    assert sys.path == before
    assert all(name.startswith("_lockstep_features_") for name in set(sys.modules) - modules)


def test_a_changed_file_is_read_anew(application: Application) -> None:
    assert load_feature_set("own", application).features.lookback_bars == 7
    (application.feature_sets / "shapes.py").write_text("WIDTH = 1234\n")
    assert load_feature_set("own", application).features.lookback_bars == 1234


def test_what_runs_is_the_source_and_no_bytecode_of_it(application: Application, tmp_path: Path) -> None:
    shapes = application.feature_sets / "shapes.py"
    stamp = shapes.stat()
    shapes.write_text("WIDTH = 8\n")  # as long as before, and of the same time: what bytecode is told by
    py_compile.compile(str(shapes))
    shapes.write_text("WIDTH = 7\n")
    os.utime(shapes, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    cached = Path(importlib.util.cache_from_source(str(shapes)))
    code = cached.read_bytes()
    cached.write_bytes(code[:8] + int(shapes.stat().st_mtime).to_bytes(4, "little") + code[12:])
    assert load_feature_set("own", application).features.lookback_bars == 7


@pytest.mark.parametrize("name", ["/etc/own.py:OWN", "../own.py", "prices/tiny/1/own.py:OWN", "../prices/x", "../../x"])
def test_a_file_that_is_not_the_applications_is_refused(name: str, application: Application) -> None:
    inside = replace(application, models=application.folder / "prices")
    with pytest.raises(UnknownFeatureSet, match=r"is not a file of the application in .*; put it into preprocessing/"):
        load_feature_set(name, inside)


@pytest.mark.parametrize("name", ["preprocessing/two.py:OWN", "preprocessing/own.py:OWN", "preprocessing/own.py"])
def test_any_file_can_be_named_from_the_application_on(name: str, application: Application) -> None:
    found = load_feature_set(name, application)
    assert (found.name, found.features.lookback_bars) == (name, 7)


def test_an_installed_module_can_be_named() -> None:
    found = load_feature_set("preprocessing.daily:DAILY", find_application(ROOT))
    assert (found.features, found.sources, found.source_sha256) == (DAILY, (), "")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("weekly", r"there is no file .*preprocessing/weekly\.py; expected `daily` "),
        ("", "there is no file"),
        ("own.py:OWN", "there is no file"),
        ("preprocessing/own.py:OTHER", "has no OTHER"),
        ("preprocessing/own.py:WIDTH", "is a int, not a FeatureSet"),
        ("two", r"two\.py holds 2 feature sets \(OWN, TWO\); expected one, or name it: .*two\.py:NAME"),
        ("none", r"none\.py holds 0 feature sets \(none\)"),
        ("absolute", r"imports preprocessing\.shapes, a file beside it; write: from \.shapes import"),
        ("bare", r"imports shapes, a file beside it; write: from \.shapes import"),
        ("missing", "imports no_such_package, which is not installed here"),
        ("broken", r"broken\.py cannot be imported: SyntaxError"),
        (
            "raising",
            r"raising\.py cannot be imported: NameError: .*'nothing'.* \(.*raising\.py, line 2\)",
        ),
        ("beside", r"imports preprocessing\.shapes, a file beside it; write: from \.shapes import"),
        ("no.such.module:OWN", "No module named"),
        ("lockstep.data.bars:DATE", "is a str, not a FeatureSet"),
        ("lockstep.data.bars:NOTHING", "has no NOTHING"),
    ],
)
def test_a_name_of_no_feature_set_is_refused(
    name: str, reason: str, application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [entry for entry in sys.path if Path(entry or ".").resolve() != ROOT])
    for module in [module for module in sys.modules if module.partition(".")[0] == "preprocessing"]:
        monkeypatch.delitem(sys.modules, module)
    with pytest.raises(UnknownFeatureSet, match=reason):
        load_feature_set(name, application)


def test_the_digest_covers_the_files_that_a_set_imports_and_no_line_ends(application: Application) -> None:
    before = load_feature_set("own", application)
    assert [Path(source).name for source in before.sources] == ["own.py", "shapes.py"]
    (application.feature_sets / "own.py").write_bytes(OWN.replace("\n", "\r\n").encode())
    assert load_feature_set("own", application).source_sha256 == before.source_sha256
    (application.feature_sets / "shapes.py").write_text("WIDTH = 6 + 1\n")
    assert load_feature_set("own", application).source_sha256 != before.source_sha256
    expected = hashlib.sha256(b"own.py\0" + OWN.encode() + b"\0shapes.py\0WIDTH = 7\n\0").hexdigest()
    assert before.source_sha256 == expected


def test_a_feature_set_has_no_name_of_its_own() -> None:
    assert "name" not in FeatureSet.__dataclass_fields__
