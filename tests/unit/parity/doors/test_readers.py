import json

import pytest

from lockstep.bundles.reading import load_bundle
from lockstep.bundles.table import TableBundle, as_table
from lockstep.parity.answers import Reply, UnexpectedAnswer, Version
from lockstep.parity.client import ServiceClient
from lockstep.parity.doors.body import HEAD_LENGTH
from lockstep.parity.doors.judging import judge_columns
from lockstep.parity.doors.listed import PROTOCOLS
from lockstep.parity.posted import Posted, Sent
from lockstep.parity.subjects import make_subject
from qa.families import train_family

PREDICTION = {"name": "prediction", "datatype": "BYTES", "shape": [1], "data": ["west"]}
PROBA = {"name": "proba", "datatype": "FP64", "shape": [1, 3], "data": [0.125, 0.25, 0.625]}


class StubClient(ServiceClient):
    """A client of a service that holds nothing else."""

    def get_version(self) -> Version:
        return Version([], {}, {})


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> TableBundle:
    return as_table(load_bundle(train_family("table-logistic", tmp_path_factory.mktemp("models"))))


def read(bundle: TableBundle, door: str, reply: Reply, form: str = "", accept: str = "*/*") -> dict[str, list[object]]:
    subject = make_subject(StubClient("http://nowhere", None, "flats"), bundle, seed=1, door=door)
    sent = Sent("/", b"", headers={"Accept": accept})
    columns = PROTOCOLS[door].read(subject, Posted(subject.tested.select(slice(1)), sent, form=form), reply)
    return {name: list(values) for name, values in columns.items()}


def answer(*outputs: object, behind: bytes = b"") -> Reply:
    text = json.dumps({"outputs": outputs}).encode()
    return Reply("POST /", 200, {HEAD_LENGTH: str(len(text))}, text + behind)


def test_outputs_are_read_from_json_and_from_bytes(bundle: TableBundle) -> None:
    expected = {"prediction": ["west"], "proba_east": [0.125], "proba_north": [0.25], "proba_west": [0.625]}
    assert read(bundle, "oip", answer(PREDICTION, PROBA)) == expected
    packed = {"name": "prediction", "datatype": "BYTES", "shape": [1], "parameters": {"binary_data_size": 8}}
    assert read(bundle, "oip", answer(packed, PROBA, behind=b"\4\0\0\0west")) == expected


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (answer(PREDICTION, behind=b"\0"), "1 bytes behind the last output"),
        (answer({**PREDICTION, "shape": [2]}), "1 elements of the shape"),
        (answer({**PREDICTION, "datatype": "FP64"}), "'west' is no FP64"),
        (answer({**PREDICTION, "name": "score"}), "no outputs of the model"),
        (Reply("POST /", 200, {}, b"[]"), "no outputs of the model"),
        (Reply("POST /", 404, {}, b"there is no such model"), "answered 404: there is no such model"),
    ],
)
def test_an_answer_that_contradicts_itself_is_no_answer(bundle: TableBundle, reply: Reply, reason: str) -> None:
    with pytest.raises(UnexpectedAnswer, match=reason):
        read(bundle, "oip", reply)


def test_predictions_of_mlflow_are_values_or_records_and_lines(bundle: TableBundle) -> None:
    told = {"predictions": ["west", None]}
    assert read(bundle, "mlflow", Reply("", 200, {}, json.dumps(told).encode())) == {"prediction": ["west", None]}
    records = b'{"predictions": [{"prediction": "west"}, {"prediction": NaN}]}'
    assert read(bundle, "mlflow", Reply("", 200, {}, records)) == {"prediction": ["west", None]}
    lines = Reply("", 200, {}, b'west\n""\n')
    assert read(bundle, "mlflow", lines, accept="text/csv") == {"prediction": ["west", None]}
    with pytest.raises(UnexpectedAnswer, match="no list of predictions"):
        read(bundle, "mlflow", Reply("", 200, {}, b"south\n"), accept="text/csv")


@pytest.mark.parametrize(("form", "body"), [("row", b"west"), ("rows", b'["west"]'), ("text", b'{"res": "west"}')])
def test_each_form_of_predict_has_its_own_answer(bundle: TableBundle, form: str, body: bytes) -> None:
    assert read(bundle, "predict", Reply("", 200, {}, body), form) == {"prediction": ["west"]}


def test_as_many_values_as_rows_are_expected(bundle: TableBundle) -> None:
    subject = make_subject(StubClient("http://nowhere", None, "flats"), bundle, seed=1, door="predict")
    posted = Posted(subject.tested.select(slice(2)), Sent("/predict", b""), form="rows", outputs=("prediction",))
    reply = Reply("", 200, {}, b'["west"]')
    with pytest.raises(UnexpectedAnswer, match="1 values of prediction for 2 rows"):
        judge_columns(subject, PROTOCOLS["predict"], posted, subject.expect(posted), reply)
