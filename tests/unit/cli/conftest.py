import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lockstep.cli.interrupts import ENDING
from lockstep.cli.main import group

Run = Callable[..., Result]


@pytest.fixture(scope="session")
def run() -> Run:
    """Run a command to its end; an exception that it raises is the test's."""
    wide = CliRunner(env={"COLUMNS": "200"})
    return lambda *arguments: wide.invoke(group, [str(each) for each in arguments], catch_exceptions=False)


@pytest.fixture
def prices(tmp_path: Path, price_file: Path) -> Path:
    """A price file with the first 450 sessions of MSFT."""
    path = tmp_path / "prices.csv"
    path.write_text("\n".join(price_file.read_text().splitlines()[:451]))
    return path


@pytest.fixture
def bundle(tmp_path: Path, prices: Path, run: Run) -> Path:
    """The first version of a model, trained by the command on `prices`."""
    arguments = ("--symbol", "TINY", "--test-rows", 100, "--calendar", "file")
    assert run("train", prices, "--out", tmp_path / "tiny", *arguments).exit_code == 0
    return tmp_path / "tiny" / "1"


@pytest.fixture
def signals_as_before() -> Iterator[None]:
    """Give the signals back that a command keeps until its process ends."""
    before = {number: signal.getsignal(number) for number in ENDING}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)
