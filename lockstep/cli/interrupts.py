"""The signals by which a person, a CI or a terminal that closes ends a command."""

import signal
from types import FrameType
from typing import NoReturn

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)


def interrupt_once() -> None:
    """Let the first signal raise KeyboardInterrupt; those after it, which cancelled CI jobs get, do nothing.

    A signal that the caller's shell ignores, as `nohup` does, stays ignored.
    """
    for number in ENDING:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _interrupt)


def ignore_interrupts() -> None:
    """Let no signal end this process, nor a process that it starts from now on."""
    for number in ENDING:
        signal.signal(number, signal.SIG_IGN)


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    ignore_interrupts()
    raise KeyboardInterrupt
