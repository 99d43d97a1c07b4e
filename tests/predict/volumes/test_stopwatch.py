"""Seconds add up by name, and nothing is counted twice."""

from __future__ import annotations

import pytest

from volseg.predict.volumes import stopwatch
from volseg.predict.volumes.stopwatch import Stopwatch


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that a test sets: its only item is the time."""
    now = [0.0]
    monkeypatch.setattr(stopwatch, "perf_counter", lambda: now[0])
    return now


def test_the_inner_span_counts_and_the_outer_waits(clock: list[float]) -> None:
    watch = Stopwatch()
    with watch("outer"):
        clock[0] += 1
        for _ in range(2):
            with watch("inner"):
                clock[0] += 10
        clock[0] += 2
    assert watch.seconds == {"outer": 3, "inner": 20}


def test_a_function_is_timed_at_every_call_even_if_it_fails(clock: list[float]) -> None:
    watch = Stopwatch()

    def work(seconds: float) -> float:
        clock[0] += seconds
        return 1 / seconds

    timed = watch("work")(work)
    assert [timed(2.0), timed(4.0)] == [0.5, 0.25]
    with pytest.raises(ZeroDivisionError):
        timed(0.0)
    assert watch.seconds == {"work": 6}
