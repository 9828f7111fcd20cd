import os
import signal

import pytest

from lockstep.cli.interrupts import ENDING, ignore_interrupts, interrupt_once

pytestmark = pytest.mark.usefixtures("signals_as_before")


@pytest.mark.parametrize("number", ENDING)
def test_the_first_signal_interrupts_and_no_other_does(number: signal.Signals) -> None:
    interrupt_once()
    with pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), number)
    for again in ENDING:
        os.kill(os.getpid(), again)


def test_what_the_shell_ignores_stays_ignored() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    interrupt_once()
    os.kill(os.getpid(), signal.SIGHUP)


def test_ignored_signals_do_nothing() -> None:
    interrupt_once()
    ignore_interrupts()
    for number in ENDING:
        os.kill(os.getpid(), number)
