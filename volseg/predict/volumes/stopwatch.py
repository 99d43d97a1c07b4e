"""Where the time goes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter


class Stopwatch:
    """Seconds spent, by what on; of nested spans the inner one counts, the outer one waits.

    Attributes:
        seconds: by name.
    """

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        """Count the time of a block."""
        started, inside = perf_counter(), sum(self.seconds.values())
        try:
            yield
        finally:
            spent = perf_counter() - started
            self.seconds[name] += spent - (sum(self.seconds.values()) - inside)
