"""The first signal asks to stop, the second insists, and nothing stays changed afterwards."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator

import pytest

from volseg.train.interrupt import stop_flag

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@pytest.fixture(autouse=True)
def in_the_foreground() -> Iterator[None]:
    """Ctrl-C interrupts, also where a shell started the tests in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_stays_clear_without_a_signal() -> None:
    with stop_flag() as stopped:
        assert not stopped.is_set()


@pytest.mark.parametrize("number", SIGNALS)
def test_the_first_signal_sets_it(number: signal.Signals) -> None:
    with stop_flag() as stopped:
        os.kill(os.getpid(), number)
        assert stopped.is_set()


def test_the_second_ctrl_c_interrupts() -> None:
    with stop_flag() as stopped:
        os.kill(os.getpid(), signal.SIGINT)
        assert stopped.is_set()
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)


@pytest.mark.parametrize("signalled", [True, False])
def test_handlers_are_given_back(signalled: bool) -> None:
    before = [signal.getsignal(number) for number in SIGNALS]
    with stop_flag():
        assert [signal.getsignal(number) for number in SIGNALS] != before
        if signalled:
            os.kill(os.getpid(), signal.SIGINT)
    assert [signal.getsignal(number) for number in SIGNALS] == before


def test_handlers_are_given_back_after_an_error() -> None:
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(ValueError, match="broken"), stop_flag():
        raise ValueError("broken")
    assert signal.getsignal(signal.SIGINT) is before


def test_off_the_main_thread_it_stays_clear() -> None:
    before = signal.getsignal(signal.SIGINT)
    seen: list[bool] = []

    def work() -> None:
        with stop_flag() as stopped:
            seen.extend((stopped.is_set(), signal.getsignal(signal.SIGINT) is before))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [False, True]
