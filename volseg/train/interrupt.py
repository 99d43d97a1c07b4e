"""Stopping long work between two steps instead of in the middle of one."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def stop_flag() -> Iterator[threading.Event]:
    """An event that the first Ctrl-C or SIGTERM sets; the second acts as it always did.

    Outside the main thread, where signals never arrive, the event stays clear.
    """
    event = threading.Event()
    before: dict[int, Any] = {}

    def stop(number: int, frame: object) -> None:
        event.set()
        signal.signal(number, before[number])

    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):
            before[number] = signal.signal(number, stop)
    try:
        yield event
    finally:
        for raised, handler in before.items():
            signal.signal(raised, handler)
