"""What shows a progress bar for as long as a ``with`` block lasts."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from rich.progress import Progress


class WithBar:
    """Starts ``bar`` with the block and stops it with the block."""

    bar: Progress

    def __enter__(self) -> Self:
        self.bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.bar.stop()
