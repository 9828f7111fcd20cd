"""The Postman collection without Postman: its requests are sent to the app, and each status is the one it tests for."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from lockstep.scoring.keys import new_key
from lockstep.scoring.settings import Settings
from lockstep.web.app import ROUTES, create_app
from tests.conftest import ROOT

FOLDER = ROOT / "examples" / "postman"
COLLECTION = json.loads((FOLDER / "lockstep.postman_collection.json").read_text())
ENVIRONMENT = json.loads((FOLDER / "local.postman_environment.json").read_text())
STATUS = re.compile(r"to\.have\.status\((\d+)\)")
CODE = re.compile(r'include\(\{ code: "([\w-]+)"')
VARIABLE = re.compile(r"\{\{(\w+)\}\}")


def requests_of(folder: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for item in folder["item"]:
        if "item" in item:
            yield from requests_of(item)
        else:
            yield item


ITEMS = list(requests_of(COLLECTION))


def script_of(item: dict[str, Any]) -> str:
    return "\n".join(line for event in item["event"] if event["listen"] == "test" for line in event["script"]["exec"])


@pytest.fixture(scope="module")
def keyed() -> tuple[Flask, str]:
    secret, key = new_key("postman")
    return create_app(Settings(api_keys=(key,))), secret


def test_every_request_is_answered_with_the_status_that_its_test_names(keyed: tuple[Flask, str]) -> None:
    app, secret = keyed
    model = app.test_client().get("/version").get_json()["models"][0]
    values = {"baseUrl": "", "apiKey": secret, "newest": model["newest_stored_bar"], "symbol": model["symbol"]}
    values |= {"model": model["name"], "version": str(model["version"])}
    for item in ITEMS:
        asked = json.loads(VARIABLE.sub(lambda found: values[found[1]], json.dumps(item["request"])))
        headers = {header["key"]: header["value"] for header in asked["header"]}
        data = asked.get("body", {}).get("raw")
        answer = app.test_client().open(asked["url"]["raw"], method=asked["method"], headers=headers, data=data)
        script = script_of(item)
        assert str(answer.status_code) in STATUS.findall(script), (item["name"], answer.data)
        for code in CODE.findall(script):
            assert answer.get_json()["code"] == code, item["name"]
        if 'set("next"' in script:
            values["next"] = answer.get_json()["next"]


def test_every_route_is_in_the_collection() -> None:
    asked = {(item["request"]["method"], item["request"]["url"]["raw"].removeprefix("{{baseUrl}}")) for item in ITEMS}
    assert asked >= {(route.method, route.path.replace("{", "{{").replace("}", "}}")) for route in ROUTES}


def test_the_path_parts_say_what_the_address_says() -> None:
    for item in ITEMS:
        url = item["request"]["url"]
        assert "/".join([*url["host"], *url["path"]]) == url["raw"].rstrip("/"), item["name"]


def test_the_environment_holds_what_the_collection_does_not_set_itself() -> None:
    own = {variable["key"] for variable in COLLECTION["variable"]}
    used = set(VARIABLE.findall(json.dumps(COLLECTION)))
    assert used - own == {value["key"] for value in ENVIRONMENT["values"]}
    assert COLLECTION["info"]["schema"].endswith("/collection/v2.1.0/collection.json")


def test_no_lock_names_an_address_to_install_from() -> None:
    lock = json.loads((FOLDER / "package-lock.json").read_text())
    packages = [package for path, package in lock["packages"].items() if path]
    assert packages
    assert all("resolved" not in package and package["integrity"].startswith("sha512-") for package in packages)
