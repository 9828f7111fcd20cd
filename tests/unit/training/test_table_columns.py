import pytest

from lockstep.data.table_csv import RawTable, make_table, parse_table_csv
from lockstep.errors import TrainingError
from lockstep.training.table_columns import Typed, describe_types, find_keys, infer_schema, infer_type, learn_schema

HUES = ["red", "blue"] * 3
TABLE = make_table({"width": [1.5, 2, None, 4, 5, 6], "rooms": [1, 2, 3, 4, 5, None], "hue": HUES, "code": HUES})


def types(table: RawTable, typed: Typed | None = None) -> list[str]:
    return [column.type for column in infer_schema(table, typed or Typed()).columns]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["1", "2", None], "integer"),
        (["-3", "0"], "integer"),
        (["1.0", "2.0"], "number"),
        (["1e3"], "number"),
        (["1", "2.5"], "number"),
        (["a", "b", "a", "b"], "category"),
        (["1", "x", "1", "x"], "category"),
        (["a", "b", "c"], "text"),
        (["nan", "nan"], "category"),
    ],
)
def test_the_cells_say_the_type(cells: list[str | None], expected: str) -> None:
    assert infer_type(cells) == expected


def test_many_different_values_are_text() -> None:
    assert infer_type([f"v{place % 100}" for place in range(300)]) == "category"
    assert infer_type([f"v{place % 101}" for place in range(303)]) == "text"


def test_numbers_beside_some_text_are_no_categories() -> None:
    table = make_table({"age": ["31", "NA", "40", "40", "NA", "31", "?"]})
    with pytest.raises(TrainingError, match=r"age holds numbers, but for 3 cell\(s\): '\?', 'NA'; leave"):
        types(table)
    assert types(table, Typed(categories=["age"])) == ["category"]


@pytest.mark.parametrize(
    ("cells", "held"),
    [
        (["2024-01-31", "2024-02-01"] * 2, "dates, such as '2024-01-31'"),
        (["31/01/2024", None, "1.2.2024"], "dates, such as '31/01/2024'"),
        (["2024-01-31 12:00", "2024-01-31T12:00:00Z"], "dates"),
        (["0,5", "-1,25", ",5"], "numbers with a decimal comma, such as '0,5'; write a decimal point"),
    ],
)
def test_dates_and_decimal_commas_are_no_text(cells: list[str | None], held: str) -> None:
    table = make_table({"seen": cells})
    with pytest.raises(TrainingError, match=f"the column seen holds {held}"):
        types(table)
    assert types(table, Typed(texts=["seen"])) == ["text"]


def test_the_user_says_what_the_cells_do_not() -> None:
    assert types(TABLE) == ["number", "integer", "category", "category"]
    assert types(TABLE, Typed(categories=["rooms"], texts=["code"])) == ["number", "category", "category", "text"]


def test_a_column_is_of_one_type() -> None:
    with pytest.raises(TrainingError, match="the column code is said to hold categories and free text"):
        Typed(categories=["code"], texts=["code"])


def test_a_typed_column_has_to_be_there() -> None:
    with pytest.raises(TrainingError, match="there is no column 'size'; the columns are width, rooms, hue, code"):
        types(TABLE, Typed(categories=["size"]))


def test_an_empty_column_is_refused() -> None:
    with pytest.raises(TrainingError, match="the column b has no cell that is not empty"):
        types(parse_table_csv("a,b\n1,\n2,\n", "t.csv"))


def test_ranges_and_categories_are_learned() -> None:
    rows = TABLE.read(infer_schema(TABLE, Typed(categories=["rooms"])))
    width, rooms, hue, _ = learn_schema(rows).columns
    assert (width.minimum, width.maximum, width.categories) == (1.5, 6.0, ())
    assert (rooms.minimum, rooms.categories) == (None, ("1", "2", "3", "4", "5"))
    assert hue.categories == ("blue", "red")


def test_a_column_that_all_learning_rows_miss_is_refused() -> None:
    table = make_table({"a": [None, 1.5], "b": [1, 2]})
    rows = table.read(infer_schema(table, Typed()))
    with pytest.raises(TrainingError, match="the column a is empty in all learning rows"):
        learn_schema(rows.select(slice(1)))


def test_of_many_columns_some_are_listed() -> None:
    table = make_table({f"c{place}": [1.5] for place in range(200)})
    (line,) = describe_types(infer_schema(table, Typed()))
    assert (line.count(","), line[-3:]) == (40, ", …")


def test_types_are_described_by_column() -> None:
    rows = TABLE.read(infer_schema(TABLE, Typed(texts=["code"])))
    assert describe_types(learn_schema(rows)) == ["number: width", "integer: rooms", "category: hue (2)", "text: code"]


def test_a_column_of_other_words_in_every_row_looks_like_the_key() -> None:
    words = [f"row-{place}" for place in range(6)]
    texts = [f"text number {place}" for place in range(6)]
    table = make_table({"key": words, "review": texts, "gaps": [None, *words[1:]], "twice": [*words[:5], words[0]]})
    schema = infer_schema(table, Typed(texts=["gaps", "twice"]))
    assert [column.type for column in schema.columns] == ["text"] * 4
    assert find_keys(table, schema) == ["key"]
