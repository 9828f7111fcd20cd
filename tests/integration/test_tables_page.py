"""The example of docs/tables.md is trained, served and imported as the page shows it."""

import json
import re
import shlex
from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from lockstep.bundles.manifest import TableManifest
from lockstep.data.table_csv import make_table
from lockstep.predict.conformal import SplitConformal
from lockstep.predict.intervals import EVALUATED_LEVELS
from lockstep.scoring.settings import Settings
from lockstep.training.table_columns import MAX_CATEGORIES
from lockstep.training.table_rows import TableRecipe
from lockstep.training.table_split import DEFAULT_EVALUATION_ROWS, DEFAULT_SEED, DEFAULT_TEST_SHARE
from lockstep.web.app import create_app
from tests.commands import run_command, run_script
from tests.pages import copy_application, find_blocks, find_commands, read_page
from tests.small_tables import load_saved, save_table

PAGE = read_page("docs/tables.md")
FORM = re.compile(r"^[\[{].*[\]}]$", re.MULTILINE)
TRAINED_ELSEWHERE = 1e-6
"""Probabilities may differ by this, relatively: learning adds up in the order of the machine, answering does not."""


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """The application after the scripts and the commands of the page, and what they printed."""
    application = copy_application(tmp_path_factory.mktemp("tables"))
    printed = {}
    for number, code in enumerate(find_blocks(PAGE, "python")):
        (application / f"script_{number}.py").write_text(code)
        printed[f"script {number}"] = run_script(f"script_{number}.py", folder=application).check_output()
    commands = [command for command in find_commands(PAGE) if command[0] != "serve"]
    assert [command[0] for command in commands] == ["train-table", "verify", "train-table", "evaluate", "import"]
    return application, printed | {
        " ".join(command): run_command(*command, folder=application).check_output() for command in commands
    }


def read_manifest(application: Path, name: str) -> TableManifest:
    return load_saved(application / "models" / name / "1").manifest


def test_the_example_is_trained_as_the_page_says(used: tuple[Path, dict[str, str]]) -> None:
    manifest = read_manifest(used[0], "iris")
    assert (manifest.learning_rows, manifest.test_rows) == (112, 38)
    assert "trains on 112 of the 150 rows and tests on the other 38" in PAGE
    assert (manifest.predictor, set(manifest.guarantees.values())) == ("exact", {"bits"})


def test_the_script_of_the_page_trains_a_bundle(used: tuple[Path, dict[str, str]]) -> None:
    application, printed = used
    assert printed["script 3"].strip() == "models/sizes/1"
    assert read_manifest(application, "sizes").classes == ["large", "small"]


def test_the_fitted_model_of_the_page_is_imported(used: tuple[Path, dict[str, str]]) -> None:
    manifest = read_manifest(used[0], "imported")
    assert (manifest.predictor, manifest.learning_rows, manifest.test_rows) == ("exact", 0, 150)


def test_the_request_of_the_page_gets_the_answer_of_the_page(used: tuple[Path, dict[str, str]]) -> None:
    bodies = [shlex.split(block)[-1] for block in find_blocks(PAGE, "sh") if block.startswith("curl")]
    serves = [command[1] for command in find_commands(PAGE) if command[0] == "serve"]
    for folder, body, block in zip(serves, bodies, find_blocks(PAGE, "json"), strict=True):
        client = create_app(Settings(models=(used[0] / folder,))).test_client()
        answer, shown = (
            client.post("/v1/predict", data=body, content_type="application/json").get_json(),
            json.loads(block),
        )
        for cells, expected in zip(answer["predictions"]["data"], shown["predictions"]["data"], strict=True):
            assert cells == [
                pytest.approx(cell, rel=TRAINED_ELSEWHERE) if isinstance(cell, float) else cell for cell in expected
            ]
        for cut in (answer, shown):
            del cut["predictions"]["data"], cut["model"]["digest"], cut["request_id"]
        assert answer == shown


def test_the_intervals_of_the_page_are_evaluated_as_it_shows(used: tuple[Path, dict[str, str]]) -> None:
    [shown] = [block.splitlines() for block in find_blocks(PAGE, "text") if "│" in block]
    assert len(shown) == len(EVALUATED_LEVELS)
    assert {*shown} <= {*used[1]["evaluate models/diabetes"].splitlines()}


def test_the_rows_that_the_page_says_give_its_levels() -> None:
    assert "38 rows give 3 to 97, and from 99 rows on all are there" in PAGE
    levels = [SplitConformal(np.arange(float(n_rows))).levels for n_rows in (38, 98, 99)]
    assert levels == [range(3, 98), range(2, 99), range(1, 100)]


def test_every_form_of_the_page_gets_the_same_answer(tmp_path: Path) -> None:
    columns: dict[str, list[object]] = {
        "width": [1.0, 1.2, 3.1, 2.9] * 10,
        "town": ["York", "Bath"] * 20,
        "kind": ["small", "large"] * 20,
    }
    folder = save_table(tmp_path, make_table(columns), TableRecipe("sizes", "kind", LogisticRegression()))
    client = create_app(Settings(models=(folder.parent,))).test_client()
    forms = [line for block in find_blocks(PAGE, "text") for line in FORM.findall(block)]
    assert len(forms) == 5
    answers = [client.post("/v1/predict", data=form, content_type="application/json").get_json() for form in forms]
    predictions = [json.dumps(answer["predictions"]) for answer in answers]
    assert len(set(predictions)) == 1
    assert answers[0]["predictions"]["columns"] == ["prediction", "proba_large", "proba_small"]


def test_the_defaults_of_the_page_are_those_of_the_command() -> None:
    assert f"the share of test rows, by default {DEFAULT_TEST_SHARE} |" in PAGE
    assert f"which rows are test rows, by default {DEFAULT_SEED} |" in PAGE
    assert f"the most test rows, by default {DEFAULT_EVALUATION_ROWS} |" in PAGE
    assert f"at most {MAX_CATEGORIES} different values" in PAGE
