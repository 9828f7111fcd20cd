"""Batch-compare a service with the local evaluation: a gunicorn started here, or the one at --base-url."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import requests

from lockstep.bundles.series import SeriesBundle
from lockstep.parity.checks import CHECKS, Check
from lockstep.parity.client import ServiceClient
from lockstep.parity.series import SeriesSubject
from lockstep.parity.suite import Verdict, run_checks
from qa.default_bundle import DEFAULT_BUNDLE


@pytest.fixture(scope="module")
def subject(request: pytest.FixtureRequest, default_bundle: SeriesBundle) -> SeriesSubject:
    url = request.config.getoption("--base-url") or request.getfixturevalue("service_url")
    return SeriesSubject(ServiceClient(url, request.config.getoption("--api-key")), default_bundle, seed=1)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_the_service_answers_what_was_evaluated(check: Check, subject: SeriesSubject) -> None:
    [result] = run_checks(subject, on_result=lambda _: None, checks=[check]).results
    assert result.verdict is Verdict.PARITY, (result.comparison.findings[:5], result.shortfall)


def test_the_price_files_last_rows_give_the_evaluation_file(subject: SeriesSubject, price_file: Path) -> None:
    """Independent of the suite: raw lines of the price file in, lines of evaluation.csv out."""
    header, *lines = csv.reader(price_file.read_text().splitlines())
    rows = [[date, *map(float, numbers)] for date, *numbers in lines[-961:]]
    headers = {"x-api-key": subject.client.api_key or "any"}
    body = json.dumps({"columns": header, "data": rows})
    answer = requests.post(f"{subject.client.url}/forecast", data=body, headers=headers, timeout=60)
    evaluated = list(csv.DictReader((DEFAULT_BUNDLE / "evaluation.csv").read_text().splitlines()))
    expected = np.array([float(line["y_pred"]) for line in evaluated])
    answered = np.array(json.loads(answer.json()["y_pred"]))
    assert [line["date"] for line in evaluated] == [row[0] for row in rows]
    assert answered.tobytes() == expected.tobytes()
    assert len(set(answered.tolist())) > 1
