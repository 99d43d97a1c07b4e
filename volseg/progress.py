"""How a long function tells how far it is: one protocol for all, with a silent default."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Start:
    """What a training run sets out with.

    Attributes:
        folder: the run folder.
        device: where the network computes.
        threads: threads of each process.
        processes: processes that train one network together.
        parameters: number of weights.
        train: names of the scans or cases that train.
        validation: names of those that validate.
        cells: how much it trains on, in words.
        batch: crops or patches that all processes together see in a step.
        counts: labelled points or voxels per class.
        resumed_step: step an earlier sitting ended with; 0 for a new run.
        pretrained: the model it starts from, or None.
        known: the classes it has in common with that model.
    """

    folder: str
    device: str
    threads: int
    processes: int
    parameters: int
    train: tuple[str, ...]
    validation: tuple[str, ...]
    cells: str
    batch: int
    counts: dict[str, int]
    resumed_step: int
    pretrained: str | None = None
    known: tuple[str, ...] = ()


@dataclass(frozen=True)
class Validation:
    """How good a network is on what it did not train on.

    Attributes:
        measure: what is measured, ``IoU``, ``Dice`` or ``PQ``.
        mean: mean over classes; the higher, the better. NaN where nothing is labelled.
        by_class: the measure of every class, by name.
        of: what was scored where that is no whole scan or case: ``patch``.
    """

    measure: str
    mean: float
    by_class: dict[str, float]
    of: str = ""

    @property
    def title(self) -> str:
        """What the mean is called: ``mIoU``, ``patch mDice``."""
        return f"{self.of} m{self.measure}".lstrip()


@dataclass(frozen=True)
class Epoch:
    """What one epoch came to; ``validation`` is None where nothing validates.

    Attributes:
        number: 1 for the first.
        loss: mean loss of its steps.
        learning_rate: learning rate of its last step.
        seconds: time since the run began, earlier sittings counted in.
        validation: scores on what did not train, or None.
        best: whether its model is the best so far; the run folder tells.
    """

    number: int
    loss: float
    learning_rate: float
    seconds: float
    validation: Validation | None
    best: bool = False


class Progress:
    """Who waits for a long function; override what is to be seen of it.

    Example:
        >>> class Shown(Progress):
        ...     def work(self, what, done, total):
        ...         print(f"{what}: {done} of {total}")
        >>> list(counted(["a", "b"], "reading", 2, Shown()))
        reading: 0 of 2
        reading: 1 of 2
        reading: 2 of 2
        ['a', 'b']
    """

    def work(self, what: str, done: float, total: float) -> None:
        """Some work goes on; it is over when ``done`` is ``total``.

        Several works may go on at a time; ``what`` tells them apart.

        Args:
            what: what is at work, in words: ``segmenting tile.laz``.
            done: how much of it is done.
            total: how much there is to do; 0 where that is not known.
        """

    def note(self, line: str) -> None:
        """Something is worth a line, or is missing that the work can do without."""

    def start(self, start: Start) -> None:
        """A training run has its data and its network."""

    def step(self, share: float, loss: float) -> None:
        """A step of training is done; ``share`` of the run lies behind."""
        self.work("training", share, 1.0)

    def epoch(self, epoch: Epoch) -> None:
        """An epoch of training is done, validated and saved."""

    def validated(self, validation: Validation, largest: tuple[str, ...]) -> None:
        """Whole cases are scored; of ``largest`` classes the largest component alone is kept."""


SILENT = Progress()
"""Tells nobody."""


def counted(items: Iterable[T], what: str, total: int, progress: Progress) -> Iterator[T]:
    """Items as they come; each is counted when the next is asked for."""
    done = 0
    progress.work(what, done, total)
    for item in items:
        yield item
        done += 1
        progress.work(what, done, total)
    if done != total:  # some were left out
        progress.work(what, total, total)
