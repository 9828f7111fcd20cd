import shutil
import sys
from pathlib import Path

import msgspec
import pytest

from lockstep.bundles.manifest import MANIFEST_FILE, SeriesManifest, decode_manifest, encode_manifest
from lockstep.bundles.reading import load_bundle
from lockstep.bundles.saving import save_bundle
from lockstep.cli.main import main
from lockstep.data.near import name_nearest
from lockstep.data.table_csv import parse_table_csv
from lockstep.data.texts import MAX_SYMBOL_CHARACTERS, check_symbol, check_text
from lockstep.errors import InvalidBundle, InvalidInput
from lockstep.training.training import Trained

STEERING = ["a\x1b[2Jb", "a\nb", "a\rb", "a\x00b", "a\x9bb", "a\u2028b", "a\u202eb", "a\u2066b", "\ud800"]
NO_SYMBOLS = ["[/x]", "<b>", "{X}", 'A"B', "A'B", "A`B", "A\\B", "A|B", " MSFT", "MSFT ", "X" * 65]


@pytest.mark.parametrize("text", [*STEERING, "", " ", "x" * 1001])
def test_a_text_that_steers_a_terminal_or_is_none_is_refused(text: str) -> None:
    with pytest.raises(InvalidBundle, match=r"the target (is empty|has 1001 characters|holds the character U\+)"):
        check_text("the target", text)


@pytest.mark.parametrize("text", ["length (cm) [raw]", "Größe", "قیمت\u200cها", "a\xa0b", "x" * 1000])
def test_what_people_call_columns_is_taken(text: str) -> None:
    check_text("the target", text)


@pytest.mark.parametrize("symbol", ["MSFT", "^GSPC", "BRK.B", "EURUSD=X", "000001.SS", "BTC-USD", "Škoda", "X" * 64])
def test_symbols_of_exchanges_are_taken(symbol: str) -> None:
    check_symbol(symbol)
    assert len(symbol) <= MAX_SYMBOL_CHARACTERS


@pytest.mark.parametrize("symbol", [*NO_SYMBOLS, *STEERING, ""])
def test_train_refuses_what_is_no_symbol_before_it_reads_a_file(
    symbol: str, tmp_path: Path, price_file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "x"
    monkeypatch.setattr(sys, "argv", ["lockstep", "train", str(price_file), "--symbol", symbol, "--out", str(out)])
    with pytest.raises(SystemExit) as stopped:
        main()
    printed = capsys.readouterr()
    assert (stopped.value.code, printed.out, out.exists()) == (2, "", False)
    assert "Invalid value for '--symbol'" in printed.err
    assert [letter for letter in printed.err if letter not in "\n│╭╮╰╯─" and not letter.isprintable()] == []


@pytest.mark.parametrize("name", ["a\x1b[2J.csv", "a\nb.csv"])
@pytest.mark.parametrize("command", [("train", "--symbol", "X"), ("train-table", "--target", "Close")])
def test_a_file_whose_name_steers_a_terminal_is_refused(
    name: str, command: tuple[str, ...], tmp_path: Path, price_file: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    shutil.copy(price_file, tmp_path / name)
    monkeypatch.setattr(sys, "argv", ["lockstep", *command, str(tmp_path / name), "--out", str(tmp_path / "x")])
    with pytest.raises(SystemExit):
        main()
    assert "the name of the file holds the character U+00" in capsys.readouterr().err


def test_a_column_whose_name_steers_a_terminal_is_refused_by_its_place() -> None:
    with pytest.raises(InvalidInput, match=r"rows\.csv: the name of column 2 holds a control character"):
        parse_table_csv('a,"b\x1b[2J"\n1,2\n', "rows.csv")


MEMBERS = {
    "symbol": "[/x]",
    "target": "return\x1b[2J",
    "libraries": {"numpy\n": "2"},
    "trusted": {"a\rb": "0"},
    "classes": ["up", "do\x07wn"],
}


@pytest.mark.parametrize("member", MEMBERS)
def test_a_manifest_with_such_a_text_is_neither_read_nor_written(member: str, folder: Path, trained: Trained) -> None:
    manifest = msgspec.structs.replace(trained.manifest, **{member: MEMBERS[member]}).sealed()
    refused_by_all(manifest, folder, trained)


@pytest.mark.parametrize("changes", [{"file": "a\u202eb"}, {"sha256": "none"}, {"file": "", "sha256": "0" * 63}])
def test_a_source_is_a_name_and_a_digest(changes: dict[str, str], folder: Path, trained: Trained) -> None:
    source = msgspec.structs.replace(trained.manifest.source, **changes)
    refused_by_all(msgspec.structs.replace(trained.manifest, source=source).sealed(), folder, trained)


def refused_by_all(manifest: SeriesManifest, folder: Path, trained: Trained) -> None:
    content = encode_manifest(manifest)
    (folder / MANIFEST_FILE).write_bytes(content)
    with pytest.raises(InvalidBundle):
        load_bundle(folder)
    with pytest.raises(InvalidBundle):
        decode_manifest(content)
    with pytest.raises(InvalidBundle):
        save_bundle(folder.parent, manifest, trained.files)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("mfst", "; did you mean 'msft'?"),
        ("MSFT", "; did you mean 'msft'?"),
        ("eurusd", "; did you mean 'EURUSD=X'?"),
        ("gold", ""),
        ("m" * 10**6, ""),
    ],
    ids=["turned", "case", "cut", "far", "long"],
)
def test_an_unknown_name_is_answered_with_the_nearest_one(asked: str, said: str) -> None:
    assert name_nearest(asked, ["msft", "EURUSD=X", "panel"]) == said
