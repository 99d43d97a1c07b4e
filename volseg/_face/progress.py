"""How whoever waits for a long function is told how far it is."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str, int, int], None]
"""Told what is at work, and how much of it is done, of how much; of 0 where that is not known."""


def silent(what: str, done: int, total: int) -> None:
    """Tell nobody."""
