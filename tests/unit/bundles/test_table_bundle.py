import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, Ridge

from lockstep.bundles.manifest import MANIFEST_FILE, TableManifest, decode_manifest, encode_manifest
from lockstep.bundles.saving import seal_manifest
from lockstep.bundles.selfcheck import check_evaluation
from lockstep.bundles.table import ROWS_FILE
from lockstep.data.table import TableSchema
from lockstep.doors.frame import JSON_CELLS
from lockstep.errors import DigestMismatch, EvaluationMismatch, InvalidBundle, InvalidInput
from lockstep.predict.exact.form import Inputs
from lockstep.predict.stages import Stages
from lockstep.training.table_rows import TableRecipe
from lockstep.training.table_split import Holdout
from tests.small_tables import TARGET, load_saved, load_table, make_gaps, save_table


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    recipe = TableRecipe("sales", "is_dear", LogisticRegression())
    return save_table(tmp_path_factory.mktemp("tables"), make_gaps().without("value"), recipe)


@pytest.fixture
def folder(saved: Path, tmp_path: Path) -> Path:
    """A version that a test may spoil."""
    return shutil.copytree(saved.parent, tmp_path / "sales") / "1"


def reseal(folder: Path, change: Callable[[TableManifest], TableManifest], **files: str) -> None:
    """Write changed files, and a manifest with digests that match."""
    manifest = decode_manifest((folder / MANIFEST_FILE).read_bytes())
    assert isinstance(manifest, TableManifest)
    contents = {name: (folder / name).read_bytes() for name in manifest.files}
    contents |= {f"{name}.csv": content.encode() for name, content in files.items()}
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    (folder / MANIFEST_FILE).write_bytes(encode_manifest(seal_manifest(change(manifest), contents)))


def test_a_saved_bundle_is_reproduced(saved: Path) -> None:
    bundle = load_saved(saved)
    assert check_evaluation(bundle) == 60
    assert bundle.evaluation.keys == bundle.held_out.row_ids
    assert (bundle.inputs.kinds, bundle.manifest.kind) == (("number", "number", "text"), "table")


def test_intervals_of_numbers_are_from_the_held_out_rows(tmp_path: Path) -> None:
    table, recipe = (
        make_gaps().without("is_dear"),
        TableRecipe("values", "value", Ridge(), holdout=Holdout(max_rows=12)),
    )
    bundle = load_saved(save_table(tmp_path, table, recipe))
    errors = sorted(abs(bundle.evaluation.y_true - bundle.evaluation.y_pred).tolist())
    assert bundle.interval is not None
    assert bundle.interval.errors.tolist() == errors
    assert bundle.interval is bundle.interval  # sorted once
    assert bundle.levels == range(8, 93)
    assert bundle.choose_levels((92, 8)) == (92, 8)
    assert (bundle.choose_levels(None), bundle.choose_levels(())) == ((), ())
    for level in (7, 93):
        with pytest.raises(InvalidInput, match=f"{level} is beyond the 12 test rows of values, which give 8 to 92"):
            bundle.choose_levels((50, level))


def test_intervals_are_from_the_rows_that_have_come_true(tmp_path: Path) -> None:
    bundle = load_saved(save_table(tmp_path, make_gaps().without("is_dear"), TableRecipe("values", "value", Ridge())))
    y_true = np.where(np.arange(60) < 40, bundle.evaluation.y_true, np.nan)
    cells = {**bundle.evaluation.cells, "y_true": y_true}
    partly = replace(bundle, evaluation=replace(bundle.evaluation, cells=cells))
    assert partly.interval is not None
    assert partly.interval.rows == 40


def test_labels_have_no_levels(saved: Path) -> None:
    bundle = load_saved(saved)
    assert (bundle.interval, bundle.levels, bundle.choose_levels(None)) == (None, range(0), ())


def test_rows_are_read_by_the_schema_and_answered_in_order(saved: Path) -> None:
    bundle = load_saved(saved)
    rows = bundle.read_rows(["town", "price", "rooms"], [("York", None), (20.0, 18.5), (3.0, 2.0)], JSON_CELLS)
    answered = bundle.predict(rows)
    assert answered.rows.tolist() == [0, 1]
    assert list(answered.stages)[-2:] == ["proba", "prediction"]
    assert np.array_equal(answered.prediction, [bundle.manifest.classes[i] for i in answered.stages["proba"].argmax(1)])


def test_a_changed_row_is_not_the_one_that_was_evaluated(folder: Path) -> None:
    text = (folder / ROWS_FILE).read_text()
    line = text.splitlines()[1]
    (folder / ROWS_FILE).write_text(text.replace(line, line + " "))
    with pytest.raises(DigestMismatch, match=r"rows\.csv has SHA-256"):
        load_saved(folder)


def test_an_evaluation_of_another_row_is_refused(folder: Path) -> None:
    header, first, *others = (folder / ROWS_FILE).read_text().splitlines()
    reseal(folder, lambda manifest: manifest, rows="\n".join([header, f"9{first}", *others]) + "\n")
    with pytest.raises(InvalidBundle, match=r"evaluation\.csv does not hold the rows of rows\.csv"):
        load_saved(folder)


def test_another_number_in_a_held_out_row_is_another_answer(folder: Path) -> None:
    header, first, *others = (folder / ROWS_FILE).read_text().splitlines()
    row_id, _, rest = first.split(",", 2)
    reseal(folder, lambda manifest: manifest, rows="\n".join([header, f"{row_id},57.0,{rest}", *others]) + "\n")
    with pytest.raises(EvaluationMismatch, match=f"sales: 1 of 60 rows differ; first {row_id}, stage encoded"):
        check_evaluation(load_saved(folder))


def test_a_cell_that_the_schema_does_not_take_is_refused(folder: Path) -> None:
    header, first, *others = (folder / ROWS_FILE).read_text().splitlines()
    row_id, _, rest = first.split(",", 2)
    reseal(folder, lambda manifest: manifest, rows="\n".join([header, f"{row_id},wide,{rest}", *others]) + "\n")
    with pytest.raises(InvalidBundle, match="line 2, price: 'wide' is not a number"):
        load_saved(folder)


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"schema": TableSchema(())}, "no columns, or one of them twice"),
        ({"target": "price"}, "price is an input, and the target"),
        ({"learned_target": [1.0]}, "learned_target has not one number for each class"),
    ],
)
def test_a_manifest_that_contradicts_itself_is_refused(folder: Path, members: dict[str, object], message: str) -> None:
    reseal(folder, lambda manifest: msgspec.structs.replace(manifest, **members))
    with pytest.raises(InvalidBundle, match=message):
        load_saved(folder)


@pytest.mark.parametrize(("minimum", "maximum"), [(9.0, -9.0), (None, 1.0), (1.0, None)])
def test_a_learned_range_that_holds_no_number_is_refused(
    folder: Path, minimum: float | None, maximum: float | None
) -> None:
    def widen(manifest: TableManifest) -> TableManifest:
        first, *others = manifest.schema.columns
        first = msgspec.structs.replace(first, minimum=minimum, maximum=maximum)
        return msgspec.structs.replace(manifest, schema=TableSchema((first, *others)))

    reseal(folder, widen)
    with pytest.raises(InvalidBundle, match=f"has minimum {minimum} and maximum {maximum}; expected both in order"):
        load_saved(folder)


def test_a_column_twice_is_refused(folder: Path) -> None:
    def double(manifest: TableManifest) -> TableManifest:
        columns = manifest.schema.columns
        return msgspec.structs.replace(manifest, schema=TableSchema((columns[0], *columns)))

    reseal(folder, double)
    with pytest.raises(InvalidBundle, match="no columns, or one of them twice"):
        load_saved(folder)


class Leaning:
    """A model that answers each row by the mean of all rows beside it as well."""

    def __init__(self, stages: Stages) -> None:
        self.stages = stages

    def predict(self, inputs: Inputs) -> Stages:
        n_rows = len(inputs[0]) if isinstance(inputs, tuple) else len(inputs)
        if n_rows == len(self.stages["prediction"]):
            return self.stages
        return {
            name: values[:1] + 1e-9 if values.dtype.kind == "f" else values[:1] for name, values in self.stages.items()
        }


def test_a_row_that_is_answered_otherwise_alone_is_found(tmp_path: Path) -> None:
    bundle = load_saved(save_table(tmp_path, load_table("diabetes"), TableRecipe("diabetes", TARGET, Ridge())))
    leaning = replace(bundle, model=Leaning(bundle.predict_evaluated().stages))
    apart = r"diabetes: row \d+, stage prediction: .* among all rows, but .* alone"
    with pytest.raises(EvaluationMismatch, match=apart):
        check_evaluation(leaning)
