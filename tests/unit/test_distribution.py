"""Where a message sends its reader for what is missing."""

from importlib.metadata import PathDistribution
from pathlib import Path

import pytest

from lockstep import distribution
from lockstep.distribution import install_command


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ('{"url": "file:///my%20service/vendor/x.whl", "archive_info": {}}', "'/my service/vendor/x.whl[serve,train]'"),
        ('{"url": "file:///checkout", "dir_info": {"editable": true}}', "-e '/checkout[serve,train]'"),
        ('{"url": "file:///checkout", "dir_info": {}}', "'/checkout[serve,train]'"),
        ('{"url": "https://host/x.whl", "archive_info": {}}', "'lockstep-sklearn[serve,train] @ https://host/x.whl'"),
        (None, "'lockstep-sklearn[serve,train]'"),
    ],
    ids=["wheel", "editable checkout", "checkout", "address", "index"],
)  # fmt: skip
def test_extras_come_from_where_the_library_came_from(
    written: str | None, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name alone is right for an index only: before it is published there, anybody could register it."""
    if written:
        (tmp_path / "direct_url.json").write_text(written)
    monkeypatch.setattr(distribution, "distribution", lambda _: PathDistribution(tmp_path))
    assert install_command("serve", "train") == f"pip install {expected}"


def test_these_tests_run_in_an_editable_checkout() -> None:
    checkout = Path(distribution.__file__).parents[1]
    assert install_command("train") == f"pip install -e '{checkout}[train]'"
