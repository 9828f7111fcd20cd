"""The picture of a terminal in the README shows what the suite prints of these services, and loads nothing."""

import html
import re

import pytest

from lockstep.bundles.reading import load_bundle
from lockstep.parity.subjects import list_checks, make_subject
from lockstep.parity.suite import Report, Verdict, run_checks
from qa.default_bundle import DEFAULT_BUNDLE
from qa.in_process import AppClient
from qa.terminal import CHANGED, PICTURE, make_service


def run_batch(changes_feature: bool) -> Report:
    client = AppClient(make_service(changes_feature).wsgi_app)
    bundle = load_bundle(DEFAULT_BUNDLE)
    subject = make_subject(client, bundle, 1)
    checks = [check for check in list_checks(bundle) if check.name == "batch"]
    return run_checks(subject, checks=checks)


def read_picture() -> str:
    """Return the lines of the picture, joined where one was broken."""
    lines = re.findall(r"<text[^>]*>(.*?)</text>", PICTURE.read_text())
    return " ".join(" ".join(html.unescape(line).split()) for line in lines)


def test_a_changed_feature_is_found_where_the_picture_shows_it() -> None:
    [result] = run_batch(changes_feature=True).results
    assert result.verdict is Verdict.DIVERGED
    assert result.location
    place = result.location.lines[0]
    assert f"feature {CHANGED}: local " in place
    assert place in read_picture()


def test_the_service_of_the_first_run_is_at_parity() -> None:
    assert run_batch(changes_feature=False).verdict is Verdict.PARITY


@pytest.mark.parametrize("loading", ["@font-face", "@import", "<image", "<script", "url(http", "href"])
def test_the_picture_loads_nothing(loading: str) -> None:
    assert loading not in PICTURE.read_text()
