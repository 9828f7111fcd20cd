import pytest
from flask.testing import FlaskClient

from backend.app import create_app
from backend.keys import ApiKey, new_key
from backend.settings import Settings


@pytest.fixture(scope="session")
def client() -> FlaskClient:
    return create_app(Settings(max_body_bytes=200_000, max_rows=1000)).test_client()


@pytest.fixture(scope="session")
def keyed() -> tuple[FlaskClient, str, str]:
    first, first_key = new_key("first")
    second, second_key = new_key("second")
    keys: tuple[ApiKey, ...] = (first_key, second_key)
    return create_app(Settings(api_keys=keys)).test_client(), first, second
