"""Where a message sends its reader for what is missing."""

import json
import sys
from importlib.metadata import PathDistribution
from pathlib import Path

import pytest

from lockstep import distribution
from lockstep.distribution import describe_install, install_command, write_install

WHEEL, CHECKOUT = Path("/my service/vendor/x.whl"), Path("/checkout")
PYTHON = "/somewhere/.venv/bin/python"


@pytest.mark.parametrize(
    ("written", "expected", "elsewhere"),
    [
        ({"url": WHEEL.as_uri(), "archive_info": {}}, f"'{WHEEL}[serve,train]'",
         "'x.whl[client]', in the folder of that wheel"),
        ({"url": CHECKOUT.as_uri(), "dir_info": {"editable": True}}, f"-e '{CHECKOUT}[serve,train]'",
         "-e '.[client]', in a checkout of Lockstep"),
        ({"url": CHECKOUT.as_uri(), "dir_info": {}}, f"'{CHECKOUT}[serve,train]'",
         "'.[client]', in a checkout of Lockstep"),
        ({"url": "https://host/x.whl", "archive_info": {}}, "'lockstep-sklearn[serve,train] @ https://host/x.whl'",
         "'lockstep-sklearn[client] @ https://host/x.whl'"),
        (None, "'lockstep-sklearn[serve,train]'", "'lockstep-sklearn[client]'"),
    ],
    ids=["wheel", "editable checkout", "checkout", "address", "index"],
)  # fmt: skip
def test_extras_come_from_where_the_library_came_from(
    written: dict[str, object] | None, expected: str, elsewhere: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name alone is right for an index only: before it is published there, anybody could register it."""
    if written:
        (tmp_path / "direct_url.json").write_text(json.dumps(written))
    monkeypatch.setattr(distribution, "distribution", lambda _: PathDistribution(tmp_path))
    monkeypatch.setattr(sys, "executable", PYTHON)
    assert install_command("serve", "train") == f"{PYTHON} -m pip install {expected}"
    assert describe_install("client") == f"pip install {elsewhere}"


def test_these_tests_run_in_an_editable_checkout() -> None:
    checkout = Path(distribution.__file__).parents[1]
    assert install_command("train") == f"{write_install('-e')} '{checkout}[train]'"


def test_the_environment_of_this_python_is_named_as_the_current_folder_sees_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The `pip` of a shell would install elsewhere for whoever runs `.venv/bin/lockstep`."""
    monkeypatch.setattr(sys, "executable", str(tmp_path / ".venv/bin/python"))
    monkeypatch.chdir(tmp_path)
    assert write_install("pyarrow") == ".venv/bin/python -m pip install pyarrow"
    monkeypatch.chdir("/")
    monkeypatch.setattr(sys, "executable", "/my service/bin/python")
    assert write_install("a b") == "'my service/bin/python' -m pip install 'a b'"
