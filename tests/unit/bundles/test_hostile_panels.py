"""What somebody may have done to the files of a panel: each is refused with its file and what to do."""

import csv
import io
import os
import shutil
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from lockstep.bundles.entries import Window
from lockstep.bundles.loading import Selection, load_registry
from lockstep.bundles.manifest import MANIFEST_FILE, PanelManifest, decode_manifest, encode_manifest
from lockstep.bundles.panels.arrays import bars_dtype, write_header
from lockstep.bundles.panels.bundle import BARS_FILE, ROWS_FILE, PanelBundle
from lockstep.bundles.panels.index_lines import INDEX_FILE
from lockstep.bundles.panels.saving import draft_panel
from lockstep.bundles.reading import load_bundle
from lockstep.bundles.saving import seal_manifest
from lockstep.bundles.selfcheck import check_series, check_whole
from lockstep.data.bars import Bars
from lockstep.errors import BundleError, DigestMismatch, EvaluationMismatch, InvalidBundle, UnprovenSeries
from tests.small_panels import make_series, save_panel

N_SERIES = 20


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_panel(tmp_path_factory.mktemp("models") / "many", make_series(N_SERIES))


@pytest.fixture
def folder(saved: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(saved.parent, tmp_path / "models" / "many")) / "1"


def load(folder: Path) -> PanelBundle:
    loaded = load_bundle(folder)
    assert isinstance(loaded, PanelBundle)
    return loaded


def reseal(folder: Path, index: str | None = None, **members: Any) -> None:
    """Write another index or other members, with digests that match."""
    manifest = decode_manifest((folder / MANIFEST_FILE).read_bytes())
    contents = {name: (folder / name).read_bytes() for name in manifest.files}
    contents |= {} if index is None else {INDEX_FILE: index.encode()}
    sealed = seal_manifest(msgspec.structs.replace(manifest, **members), contents)
    for name, content in {**contents, MANIFEST_FILE: encode_manifest(sealed)}.items():
        (folder / name).write_bytes(content)


def edit_cell(folder: Path, symbol: str, column: str, cell: str) -> str:
    """Return the index with another cell."""
    rows = list(csv.DictReader((folder / INDEX_FILE).read_text().splitlines()))
    next(row for row in rows if row["symbol"] == symbol)[column] = cell
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def write_array(path: Path, array: np.ndarray) -> None:
    with path.open("wb") as file:
        np.save(file, array, allow_pickle=True)


@pytest.mark.parametrize("name", [BARS_FILE, ROWS_FILE])
@pytest.mark.parametrize("cut", [-1, -8, 100, 0])
def test_an_array_that_is_cut_off_is_refused_at_boot(folder: Path, name: str, cut: int) -> None:
    (folder / name).write_bytes((folder / name).read_bytes()[:cut])
    with pytest.raises(InvalidBundle, match=rf"{name} has \d+ bytes; \d+ are those of \d+ rows: restore the file"):
        load(folder)


@pytest.mark.parametrize("name", [BARS_FILE, ROWS_FILE])
def test_bytes_that_are_of_no_series_are_refused(folder: Path, name: str) -> None:
    with (folder / name).open("ab") as file:
        file.write(bytes(40))
    with pytest.raises(InvalidBundle, match=f"{name} has"):
        load(folder)


def test_an_array_of_objects_is_refused_before_anything_of_it_is_read(folder: Path) -> None:
    size, rows = (folder / BARS_FILE).stat().st_size, load(folder).stored_bars
    header = write_header(bars_dtype(5), int(load(folder).index.bars.sum()))
    objects = header.replace(b"[('open', '<f8'), ('high', '<f8')", b"'|O'".ljust(33))
    (folder / BARS_FILE).write_bytes(objects.ljust(size, b"\0"))
    with pytest.raises(InvalidBundle, match="has another header than an array of"):
        load(folder)
    assert rows.name == BARS_FILE


@pytest.mark.parametrize(
    ("before", "after"),
    [(b"'<f8'", b"'>f8'"), (b"False", b"True "), (b"NUMPY\x01", b"NUMPY\x02"), (b"'open'", b"'high'"), (b"(", b"[")],
)
def test_another_type_order_or_version_is_refused(folder: Path, before: bytes, after: bytes) -> None:
    path = folder / BARS_FILE
    path.write_bytes(path.read_bytes().replace(before, after, 1))
    with pytest.raises(InvalidBundle, match="has another header than an array of"):
        load(folder)


def test_a_pipe_or_a_folder_in_the_place_of_an_array_is_not_waited_for(folder: Path) -> None:
    (folder / BARS_FILE).unlink()
    with pytest.raises(InvalidBundle, match=r"bars\.npy cannot be read: No such file"):
        load(folder)
    os.mkfifo(folder / BARS_FILE)
    with pytest.raises(InvalidBundle, match=r"bars\.npy cannot be read: it is no regular file"):
        load(folder)
    (folder / BARS_FILE).unlink()
    (folder / BARS_FILE).mkdir()
    with pytest.raises(InvalidBundle, match=r"bars\.npy cannot be read: it is no regular file"):
        load(folder)


@pytest.mark.parametrize(
    ("column", "cell", "reason"),
    [
        ("symbol", "S5", "the series S5 is there twice"),
        ("symbol", "<b>", "is no symbol"),
        ("symbol", "", "the symbol is empty"),
        ("first", "2020-02-30", "is no date"),
        ("first", "2020-01", "is no date"),
        ("first", "2020-01-04", "is beyond the calendar"),
        ("first", "2023-06-01", "is beyond the calendar"),
        ("bars", "-1", "is no number of rows"),
        ("bars", "1e3", "is no number of rows"),
        ("bars", "9" * 12, "is no number of rows"),
        ("bars", "10", "has no test rows, or no bar to learn from"),
        ("test_rows", "0", "has no test rows, or no bar to learn from"),
        ("test_rows", "41", "manifest.json states"),
    ],
)
def test_an_index_that_cannot_be_is_refused_at_boot(folder: Path, column: str, cell: str, reason: str) -> None:
    reseal(folder, edit_cell(folder, "S4", column, cell))
    with pytest.raises(InvalidBundle, match=reason):
        load(folder)


@pytest.mark.parametrize(
    "edit",
    [
        lambda text: text.replace("symbol,first", "first,symbol", 1),
        lambda text: text[: text.rindex("\nS")],
        lambda text: text + text[text.rindex("\nS") + 1 :],
        lambda text: text.replace("\nS1,", "\nS1,,", 1),
        lambda text: text.replace("\nS1,", '\n"S1,', 1),
        lambda _: "",
    ],
)
def test_an_index_of_other_columns_or_rows_is_refused(folder: Path, edit: Any) -> None:
    reseal(folder, edit((folder / INDEX_FILE).read_text()))
    with pytest.raises(InvalidBundle, match=r"series\.csv"):
        load(folder)


def test_an_index_that_was_edited_alone_is_refused(folder: Path) -> None:
    (folder / INDEX_FILE).write_text(edit_cell(folder, "S4", "model:mae", "0.0"))
    with pytest.raises(DigestMismatch, match=r"series\.csv has SHA-256"):
        load(folder)


@pytest.mark.parametrize(
    ("column", "cell", "error", "reason"),
    [
        ("model:mae", "0.0001", EvaluationMismatch, "mae of model: stated 0.0001, recomputed"),
        ("model:mae", "", InvalidBundle, r"series\.csv, S4"),
        ("model:mae", "low", InvalidBundle, r"series\.csv, S4: could not convert"),
        ("model:mae", "nan", EvaluationMismatch, "mae of model: stated nan"),
        ("naive", "2.0", EvaluationMismatch, "naive: stated 2.0, recomputed 1.0"),
        ("up_rate", "0.9", EvaluationMismatch, "up_rate: stated 0.9"),
        ("sha256:leaf", "0" * 64, EvaluationMismatch, "some of 40 rows differ, stage leaf: SHA-256 of the stage"),
        ("sha256:features", "0" * 64, EvaluationMismatch, "stage features"),
        ("sha256:bars", "0" * 64, DigestMismatch, r"bars\.npy: the rows of S4 have SHA-256"),
        ("sha256:bars", "x" * 64, InvalidBundle, "a cell is no SHA-256"),
        ("sha256:evaluation", "0" * 64, DigestMismatch, r"evaluation\.npy: the rows of S4"),
    ],
)
def test_what_is_stated_of_one_series_is_compared(
    folder: Path, column: str, cell: str, error: type[BundleError], reason: str
) -> None:
    reseal(folder, edit_cell(folder, "S4", column, cell))
    panel = load(folder)
    with pytest.raises(error, match=reason):
        check_series(panel, "S4")
    assert check_series(panel, "S5") > 0
    with pytest.raises(BundleError):
        check_whole(panel)


def test_a_series_whose_places_are_those_of_another_is_found(folder: Path) -> None:
    """Two rows of the index that are exchanged keep every count, and no digest."""
    header, *rows = (folder / INDEX_FILE).read_text().splitlines()
    reseal(folder, "\n".join([header, rows[1], rows[0], *rows[2:]]) + "\n")
    with pytest.raises((DigestMismatch, InvalidBundle)):
        check_whole(load(folder))


def test_means_that_are_not_those_of_the_series_are_found_by_verify(folder: Path) -> None:
    scores = load(folder).manifest.scores
    better = {**scores, "model": msgspec.structs.replace(scores["model"], mae=1e-4)}
    reseal(folder, scores=better)
    with pytest.raises(EvaluationMismatch, match=r"mae of model: stated 0\.0001"):
        check_whole(load(folder))


@pytest.mark.parametrize(
    ("member", "value", "reason"),
    [
        ("series", 21, "the manifest states 21 series"),
        ("series", 0, "the manifest states 0 series"),
        ("learning", Window("2020-01-01", "2021-01-01", 5), "manifest.json states"),
        ("fitted_rows", 0, "states 0 fitted rows"),
        ("fitted_rows", 10**6, "states 1000000 fitted rows"),
        ("horizon_bars", 3, "manifest.json states"),
        ("classes", ["up"], "classes: stated"),
        ("evaluation", [], "expected the columns"),
    ],
)
def test_a_manifest_that_is_not_of_its_files_is_refused(folder: Path, member: str, value: Any, reason: str) -> None:
    reseal(folder, **{member: value})
    with pytest.raises((BundleError, EvaluationMismatch), match=reason):
        check_whole(load(folder))


def test_bars_that_cannot_be_are_refused_even_if_every_digest_matches(tmp_path: Path) -> None:
    series = make_series(2)
    values = series["S1"].values.copy()
    values[3, 7] = np.nan
    with pytest.raises((BundleError, ValueError)):
        load_registry(Selection([save_panel(tmp_path / "many", {**series, "S1": Bars(series["S1"].dates, values)})]))


def test_a_gate_that_warns_serves_a_series_that_fails_and_says_so(folder: Path) -> None:
    original = (folder / INDEX_FILE).read_text()
    for symbol in load(folder).index.symbols:  # every edit changes the digest, and so the draw
        reseal(folder, original)
        reseal(folder, edit_cell(folder, symbol, "sha256:leaf", "0" * 64))
        if symbol not in load(folder).draw():
            break
    with pytest.raises(UnprovenSeries, match="stage leaf"):
        load_registry(Selection([folder])).pick(symbol=symbol)
    told = load_registry(Selection([folder], gate="warn")).pick(symbol=symbol)
    assert "stage leaf" in str(told.self_check.fault)


def test_a_draft_refuses_a_series_that_does_not_fit_and_leaves_nothing(folder: Path, tmp_path: Path) -> None:
    view, model = load(folder).pick("S1"), tmp_path / "models" / "new"
    evaluation, scored = load(folder).pick("S1").evaluation, load(folder).index.entry("S1").scored
    cells = {**evaluation.cells, **{column.name: evaluation.y_pred for column in evaluation.pinned}}
    whole = type(evaluation)((*evaluation.columns, *evaluation.pinned), cells)
    with pytest.raises(InvalidBundle, match="S1 is there twice"), draft_panel(model, []) as draft:  # noqa: PT012
        draft.add("S1", view.bars, whole, scored)
        draft.add("S1", view.bars, whole, scored)
    manifest = load(folder).manifest
    assert isinstance(manifest, PanelManifest)
    with pytest.raises(InvalidBundle, match="a panel needs a series"), draft_panel(model, []) as draft:
        draft.save(manifest, {})
    assert list(model.iterdir()) == []
