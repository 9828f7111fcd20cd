"""Cards of tables: numbers with their interval, labels with counts and reliability."""

import re
from pathlib import Path

import pytest
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.svm import LinearSVC

from lockstep.bundles.calibration import measure_intervals, measure_reliability
from lockstep.bundles.reading import load_bundle
from lockstep.bundles.table import TableBundle, as_table
from lockstep.data.table_csv import RawTable, make_table
from lockstep.report_card.building import make_report_card
from lockstep.report_card.page import render_page
from lockstep.training.table_rows import TableRecipe
from tests.conftest import measuring_once
from tests.small_tables import load_table, make_gaps, save_table
from tests.unit.report_card.test_page import HOSTILE, percent, read_table, read_texts


def load(folder: Path, table: RawTable, recipe: TableRecipe) -> TableBundle:
    with measuring_once():
        return as_table(load_bundle(save_table(folder, table, recipe)))


@pytest.fixture(scope="module")
def numbers(tmp_path_factory: pytest.TempPathFactory) -> TableBundle:
    recipe = TableRecipe("prices", "value", Ridge())
    return load(tmp_path_factory.mktemp("models"), make_gaps().without("is_dear"), recipe)


def test_numbers_come_with_their_interval(numbers: TableBundle) -> None:
    card = make_report_card(numbers, 1)
    assert card.against
    [eighty] = [each for each in measure_intervals(numbers) if each.level == 80]
    assert (card.against.half_width, card.against.level) == (eighty.half_width, 80)
    assert card.against.realised == numbers.evaluation.y_true.tolist()
    page = render_page(card)
    rows = {row[0]: row[1:] for row in read_table(page, "Half width")}
    assert rows["Half width"][1] == f"± {eighty.half_width:.4g}"
    assert rows["Inside, first half"][1] == percent(eighty.halves[0].share, 1)
    [marks] = re.findall(r'<path d="([^"]*)" class="marks rows">', page)
    assert marks.count("M") == numbers.manifest.test_rows


def test_labels_come_with_counts_and_reliability(tmp_path: Path) -> None:
    bundle = load(tmp_path, load_table("wine"), TableRecipe("wine", "target", LogisticRegression()))
    card = make_report_card(bundle, 1)
    page = render_page(card)
    assert card.counts
    assert sum(map(sum, card.counts.rows)) == card.rows
    assert read_table(page, "realised ↓ predicted →")[1:] == [
        [label, *map(str, row)] for label, row in zip(card.counts.labels, card.counts.rows, strict=True)
    ]
    assert card.reliability == measure_reliability(bundle)
    assert len(card.reliability) == 4
    assert read_table(page, '"class_2": said')
    assert page.count('class="marks bins"') == 1
    assert "The probabilities of the most probable class are" in read_texts(page)


def test_a_classifier_without_probabilities_says_so(tmp_path: Path) -> None:
    bundle = load(tmp_path, make_gaps().without("value"), TableRecipe("sales", "is_dear", LinearSVC()))
    card = make_report_card(bundle, 1)
    assert card.reliability == []
    assert "The model gives no probabilities." in read_texts(render_page(card))


def test_names_of_columns_and_labels_are_escaped(tmp_path: Path) -> None:
    labels = [HOSTILE if place % 3 else "a & b" for place in range(60)]
    table = make_table({HOSTILE: [float(place % 3) for place in range(60)], "<b>": labels})
    card = make_report_card(load(tmp_path, table, TableRecipe("odd", "<b>", LogisticRegression())), 1)
    page = render_page(card)
    assert "<script" not in page
    assert "<b>" not in page
    assert {f"1 columns: {HOSTILE}", "a & b"} <= set(read_texts(page).split("\n"))


def test_more_labels_than_a_page_holds_are_not_counted(tmp_path: Path) -> None:
    labels = [f"l{place % 21}" for place in range(420)]
    table = make_table({"x": [float(place % 21) for place in range(420)], "y": labels})
    card = make_report_card(load(tmp_path, table, TableRecipe("many", "y", LogisticRegression())), 1)
    assert card.counts is None
    assert "21 labels are too many for a table of pairs." in read_texts(render_page(card))
