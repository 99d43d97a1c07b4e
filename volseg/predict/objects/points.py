"""Objects of points: of every thing by its grouping, components or votes for centres."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from volseg.geometry.labels import LabelMap
from volseg.predict.objects.centre import CentreVotes, Peaks, find_peaks
from volseg.predict.objects.components import MIN_POINTS, PointComponents

Int64s = NDArray[np.int64]
Ints = NDArray[np.integer]

CORE, APART, SHARE = 3, 5, 0.2
"""Of peaks of points, which are fewer and less even than cells of grids; chosen on trees."""

MERGED = 1_000_000
"""Cells of votes kept apart before they are added up."""


class PointObjects:
    """The objects of all things of a label map among points, class after class.

    First every piece is added, then the objects are grouped, then every piece is numbered.

    Args:
        labels: the classes; those that are grouped by components or by votes have objects.
    """

    def __init__(self, labels: LabelMap) -> None:
        self._groups = {
            k: PointComponents(labels.classes[k])
            for k in labels.things
            if labels.classes[k].grouping == "components"
        }
        self._firsts: dict[int, int] = {}
        self._least = [entry.min_points or MIN_POINTS for entry in labels.classes]
        self._votes: list[CentreVotes] = []  # their weights, and how many points voted
        self._ids = np.zeros(1, np.int64)
        self._peaks: Peaks | None = None

    def add(
        self,
        metres: NDArray[np.float64],
        classes: Ints,
        cells: Ints | None = None,
        weights: Ints | None = None,
    ) -> None:
        """Take points.

        Args:
            metres: their places, float64 (N, 3).
            classes: training ids, (N,).
            cells: those voted for, (N, nd), on the lattice of the class; None where a model has
                not learnt to vote.
            weights: of the votes, (N,), 0 of points that have none.
        """
        for k, group in self._groups.items():
            group.add(metres[classes == k])
        if cells is None or weights is None:
            return
        voting = weights > 0
        keyed = _keyed(classes[voting], cells[voting])
        counted = np.column_stack((weights[voting], np.ones(len(keyed), np.int64)))
        self._votes.append(CentreVotes.of(keyed, counted))
        if sum(map(len, self._votes[1:])) > max(MERGED, len(self._votes[0])):
            self._votes = [CentreVotes.sum(self._votes)]

    def group(self) -> int:
        """Group what was added; how many objects that are."""
        total = 0
        for k, group in self._groups.items():
            self._firsts[k] = total
            total += group.group()
        if not self._votes:
            return total
        votes = CentreVotes.sum(self._votes)
        weights, points = votes.weights.T
        self._peaks = find_peaks(
            CentreVotes(votes.cells, weights), core=CORE, apart=APART, share=SHARE
        )
        voters = self._peaks.assign(votes.cells)
        sizes = np.bincount(voters, points, len(self._peaks) + 1)[1:]
        kept = sizes >= np.array(self._least)[self._peaks.cells[:, 0]]
        self._ids = np.append(0, np.where(kept, kept.cumsum() + total, 0))
        return total + int(kept.sum())

    def numbers(
        self, metres: NDArray[np.float64], classes: Ints, cells: Ints | None = None
    ) -> Int64s:
        """The objects of points that were added, int64 (N,), 0 of none."""
        numbers = np.zeros(len(metres), np.int64)
        for k, group in self._groups.items():
            rows = np.flatnonzero(classes == k)
            own = group.numbers(metres[rows])
            numbers[rows] = np.where(own > 0, own + self._firsts[k], 0)
        if cells is not None and self._peaks is not None:
            own = self._ids[self._peaks.assign(_keyed(classes, cells))]
            numbers[own > 0] = own[own > 0]
        return numbers


def number_points(
    metres: NDArray[np.float64],
    classes: Ints,
    labels: LabelMap,
    cells: Ints | None = None,
    weights: Ints | None = None,
) -> Int64s:
    """The objects of all points of a scan at once, int64 (N,), 0 of none; see `PointObjects`."""
    objects = PointObjects(labels)
    objects.add(metres, classes, cells, weights)
    objects.group()
    return objects.numbers(metres, classes, cells)


def _keyed(classes: Ints, cells: Ints) -> Int64s:
    keyed: Int64s = np.column_stack((classes, cells)).astype(np.int64)
    return keyed
