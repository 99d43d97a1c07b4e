"""What one row of the table is: the same work done by volseg and by a peer."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

Side = Callable[[], Any]
"""Does the work once, and gives what `Row.agree` compares."""


class DisagreementError(Exception):
    """Both sides ran, and their answers differ by more than rounding."""


class MissingError(Exception):
    """A row cannot run here: its data are not on this machine."""


class Row(ABC):
    """One comparison; making it loads or generates the data that both sides share.

    Attributes:
        work: what is done, to how much.
        peer: the peer's distribution on PyPI, and after a slash what of it runs.
        wanted: least ratio of the peer's time to ours, or None where no target is set.
        wanted_memory: least ratio of the peer's peak memory to ours, or None.
        runs: timed calls of each side; their median counts.
        in_child: the sides start processes of their own, whose memory is what counts.
        cores: cores both sides may use, None for all; on one, processor time counts, and the least
            of the runs: what else the machine does then tells little.
        races: the peer's threads race, so that its answer is right on one thread alone. There
            it is compared; both are timed on all threads.
    """

    peer: ClassVar[str]
    work: str
    wanted: float | None = None
    wanted_memory: float | None = None
    runs: int = 5
    in_child: bool = False
    cores: int | None = None
    races: bool = False

    @abstractmethod
    def ours(self) -> Side:
        """Get everything ready, and give what is timed."""

    @abstractmethod
    def theirs(self) -> Side:
        """The same with the peer.

        Raises:
            ImportError: where the peer is not installed or does not load.
        """

    @abstractmethod
    def agree(self, ours: Any, theirs: Any) -> str:
        """How well the answers agree, in a few words.

        Raises:
            DisagreementError: if they do not.
        """


def on_one_core(make: Callable[[], Row]) -> Callable[[], Row]:
    """The same row on one core, whatever else the machine does."""

    def narrow() -> Row:
        row = make()
        row.cores = 1
        row.work += "; one core"
        row.runs += 2
        return row

    return narrow


def same(ours: Any, theirs: Any, what: str) -> None:
    """Raise DisagreementError unless two arrays are equal."""
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    if ours.shape != theirs.shape:
        raise DisagreementError(f"{what}: shape {ours.shape} beside {theirs.shape}")
    differ = int((ours != theirs).sum())
    if differ:
        raise DisagreementError(f"{what}: {differ:,} of {ours.size:,} differ")


def near(ours: Any, theirs: Any, what: str, tolerance: float) -> float:
    """Largest difference, as a share of the peer's largest value.

    Raises:
        DisagreementError: if it is above ``tolerance``.
    """
    ours, theirs = np.asarray(ours, np.float64), np.asarray(theirs, np.float64)
    if ours.shape != theirs.shape:
        raise DisagreementError(f"{what}: shape {ours.shape} beside {theirs.shape}")
    off = float(np.abs(ours - theirs).max() / np.abs(theirs).max())
    if not off <= tolerance:
        raise DisagreementError(f"{what}: off by {off:.1e} of the largest value")
    return off
