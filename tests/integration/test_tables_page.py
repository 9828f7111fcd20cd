import json
import re
import subprocess
import sys
from pathlib import Path

from sklearn.linear_model import LogisticRegression

from lockstep.data.table_csv import make_table
from lockstep.scoring.settings import Settings
from lockstep.training.table_rows import TableRecipe
from lockstep.web.app import create_app
from tests.conftest import ROOT
from tests.small_tables import load_saved, save_table

PAGE = (ROOT / "docs" / "tables.md").read_text()
FORM = re.compile(r"^[\[{].*[\]}]$", re.MULTILINE)


def test_the_example_of_the_page_trains_a_bundle(tmp_path: Path) -> None:
    [code] = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    printed = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert printed.stdout.strip() == "models/sizes/1"
    assert load_saved(tmp_path / "models" / "sizes" / "1").manifest.classes == ["large", "small"]


def test_every_form_of_the_page_gets_the_same_answer(tmp_path: Path) -> None:
    columns: dict[str, list[object]] = {
        "width": [1.0, 1.2, 3.1, 2.9] * 10,
        "town": ["York", "Bath"] * 20,
        "kind": ["small", "large"] * 20,
    }
    folder = save_table(tmp_path, make_table(columns), TableRecipe("sizes", "kind", LogisticRegression()))
    client = create_app(Settings(models=(folder.parent,))).test_client()
    forms = [line for line in FORM.findall(PAGE) if "predictions" not in line]
    assert len(forms) == 5
    answers = [client.post("/v1/predict", data=form, content_type="application/json").get_json() for form in forms]
    predictions = [json.dumps(answer["predictions"]) for answer in answers]
    assert len(set(predictions)) == 1
    assert answers[0]["predictions"]["columns"] == ["prediction", "proba_large", "proba_small"]
