import msgspec
from sklearn.linear_model import Ridge

from lockstep.bundles.entries import Step
from lockstep.cli.differences import list_changes, list_members
from lockstep.training.table_rows import TableRecipe
from lockstep.training.table_training import train_table
from tests.small_tables import make_gaps

MANIFEST = train_table(make_gaps().without("is_dear"), TableRecipe("sales", "value", Ridge())).manifest


def test_a_column_of_a_table_is_one_line_under_its_name() -> None:
    lines = dict(line.split("  ", 1) for line in list_members(MANIFEST))
    town = next(value for key, value in lines.items() if key.strip() == "schema.columns.town").strip()
    assert town == "category, takes_missing True, categories 3: Bath, Hull, York"
    assert [line for line in lines if "columns.0" in line] == []


def test_columns_are_compared_by_name_whatever_their_places() -> None:
    columns = MANIFEST.schema.columns
    other = msgspec.structs.replace(columns[1], type="number")
    schema = msgspec.structs.replace(MANIFEST.schema, columns=(other, columns[2], columns[0]))
    [line] = list_changes(MANIFEST, msgspec.structs.replace(MANIFEST, schema=schema))
    assert line.startswith("schema.columns.rooms  integer, takes_missing True")


def test_what_does_not_print_is_quoted() -> None:
    steering = msgspec.structs.replace(MANIFEST, estimator=[Step("a.B", {"sep": "\x1b[2J"})])
    assert "estimator.0.parameters.sep" in (text := "".join(list_members(steering)))
    assert r"\x1b[2J" in text
    assert "\x1b" not in text


def test_a_long_name_is_shown_whole_and_a_long_list_cut() -> None:
    name = f"sklearn.{'ensemble.' * 9}HistGradientBoostingClassifier"
    listed = "".join(list_members(msgspec.structs.replace(MANIFEST, estimator=[Step(name, {"of": "word " * 40})])))
    assert name in listed
    assert "word …" in listed
