from pathlib import Path

import pytest

from lockstep.bundles.reading import load_bundle
from lockstep.parity.client import LONGEST_ROW, ServiceClient
from lockstep.parity.subjects import bound_row, make_subject
from lockstep.scoring.settings import Settings
from lockstep.web.app import create_app
from qa.default_bundle import DEFAULT_BUNDLE
from qa.families import train_family

ROOM = 20
"""How many times as long as it is a right answer could be."""


@pytest.fixture(scope="module", params=["msft", "table-logistic", "table-forest"])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    if request.param == "msft":
        return DEFAULT_BUNDLE
    return train_family(request.param, tmp_path_factory.mktemp("models"))


def test_the_longest_right_answer_is_within_the_bound_and_not_far_below_it(folder: Path) -> None:
    bundle = load_bundle(folder)
    client = ServiceClient("http://nowhere", model=bundle.manifest.name)
    subject = make_subject(client, bundle, seed=1)
    assert client.longest_row == bound_row(subject) <= LONGEST_ROW
    app = create_app(Settings(models=(folder,))).test_client()
    body = subject.write_body(subject.tested, "stored", "values")
    answer = app.post(subject.route, data=body, content_type="application/json")
    assert answer.status_code == 200
    bound = len(subject.tested) * client.longest_row
    assert len(answer.data) < bound / 2 < ROOM * len(answer.data)
