import datetime

import pytest

from lockstep.bundles.series import SeriesBundle
from lockstep.parity.checks import CHECKS
from lockstep.parity.client import ServiceClient
from lockstep.parity.record import Record
from lockstep.parity.recording import record_run
from lockstep.parity.series import SeriesSubject
from lockstep.parity.suite import run_checks
from lockstep.scoring.settings import Settings
from lockstep.web.app import create_app
from qa.threads import serve_app
from tests.parity.mutants import answers

STARTED = datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.UTC)
QUICK = [check for check in CHECKS if check.name in ("batch", "shuffled", "errors", "identity")]


def record_service(app: object, bundle: SeriesBundle) -> Record:
    with serve_app(app) as url:
        subject = SeriesSubject(ServiceClient(url, None, bundle.manifest.name), bundle, seed=7)
        return record_run(subject, run_checks(subject, checks=QUICK), subject.client.get_version(), STARTED)


@pytest.fixture(scope="session")
def good(default_bundle: SeriesBundle) -> Record:
    """The record of a run against the real service, of four checks."""
    return record_service(create_app(Settings()).wsgi_app, default_bundle)


@pytest.fixture(scope="session")
def bad(default_bundle: SeriesBundle) -> Record:
    """The record of a run against a service that cuts its answers at ten decimals."""
    cut = answers.spoil(create_app(Settings()).wsgi_app, answers.cut_to_ten_decimals)
    return record_service(cut, default_bundle)
