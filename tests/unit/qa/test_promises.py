import pytest

from qa.errors import RunFailed, ToolMissing
from qa.promises import try_promises


def hold() -> list[str]:
    """Show that this holds."""
    return []


def break_off() -> list[str]:
    """Show that this breaks."""
    return ["it breaks"]


def fail() -> list[str]:
    """Show that this ends."""
    raise RunFailed("it ended", "its log")


def miss() -> list[str]:
    """Show that this is tried."""
    raise ToolMissing("tool is not installed; install it", "a log of somebody else")


def test_promises_that_are_kept_end_well(capsys: pytest.CaptureFixture[str]) -> None:
    assert try_promises("make it", [hold, hold]) == 0
    assert capsys.readouterr().out == "kept    this holds. (0 s)\n" * 2


@pytest.mark.parametrize("promise", [break_off, fail, miss])
def test_a_promise_that_is_not_kept_fails_the_run_and_the_next_is_tried(
    promise: object, capsys: pytest.CaptureFixture[str]
) -> None:
    assert try_promises("make it", [promise, hold]) == 1  # type: ignore[list-item] # each is a promise
    assert "kept    this holds" in capsys.readouterr().out


def test_what_broke_is_shown_and_a_tool_is_named_once_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    try_promises("make it", [break_off, fail, miss, miss])
    shown = capsys.readouterr()
    assert [line.strip() for line in shown.out.splitlines()[:5]] == [
        "BROKEN  this breaks. (0 s)", "it breaks", "BROKEN  this ends. (0 s)", "it ended", "its log",
    ]  # fmt: skip
    assert shown.err == "make it: tool is not installed; install it\n"
