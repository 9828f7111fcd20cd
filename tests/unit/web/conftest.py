from pathlib import Path

import pytest
from flask.testing import FlaskClient

from lockstep.scoring.keys import ApiKey, new_key
from lockstep.scoring.settings import Settings
from lockstep.web.app import create_app
from tests.unfaithful import write_unfaithful


@pytest.fixture(scope="session")
def client() -> FlaskClient:
    return create_app(Settings(max_body_bytes=200_000, max_rows=1000, rate_limit=None)).test_client()


@pytest.fixture(scope="session")
def keyed() -> tuple[FlaskClient, str, str]:
    first, first_key = new_key("first")
    second, second_key = new_key("second")
    keys: tuple[ApiKey, ...] = (first_key, second_key)
    return create_app(Settings(api_keys=keys)).test_client(), first, second


@pytest.fixture
def unfaithful(tmp_path: Path) -> Path:
    """A bundle whose evaluation says something else than its model, resealed so that all digests match."""
    return write_unfaithful(tmp_path / "unfaithful")
