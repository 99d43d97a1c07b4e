"""Objects of a volume or an image, grouped once all of its cells have scores."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from volseg.data.objects import ObjectHead
from volseg.geometry.labels import LabelMap
from volseg.predict.objects.border import grow_cores, parted, structures
from volseg.predict.objects.centre import (
    FINENESS,
    CentreVotes,
    cells_of,
    find_peaks,
    weights_of,
)
from volseg.predict.objects.peaks import lengths_of, one_per_object

SMALLEST = 8
"""A core is at least as large as the median object divided by this once an axis."""
AT_BORDER, PARTED = 0.3, 0.03
"""Probability of the border, among cells of its class, from which on a cell is no core, alone and
where votes are for other centres than beside it: low, for a single cell that is missed makes one
object of two; votes alone part objects of odd shapes that are one."""
LEARNT = ("centre", "border")
"""Groupings whose networks vote for centres."""
APART = 4.0
"""Scales between slices of a network that sees slices, so that no votes of two add up."""


class GridObjects:
    """Takes scores of cells, piece by piece in any order, and groups them in the end.

    It keeps the class of every cell and what its grouping needs: a vote and its weight for
    centres, and two flags for borders. Where objects are grouped by borders, votes help: a border
    is found cell by cell, and a single gap would make one object of two. Votes are points of the
    whole grid, so that pieces only add up.

    Args:
        labels: the classes.
        head: which scores say what; None where networks know classes alone.
        grid: cells along the three axes.
        spacing: between them.
        patch: sides of the network's windows: cells have no neighbours along an axis of 1.
    """

    def __init__(
        self,
        labels: LabelMap,
        head: ObjectHead | None,
        grid: Sequence[int],
        spacing: Sequence[float],
        patch: Sequence[int],
    ) -> None:
        self.labels, self.head, self.spacing = labels, head, tuple(spacing)
        self.axes = tuple(axis for axis in range(3) if patch[axis] > 1)
        self.cell = float(np.prod([self.spacing[axis] for axis in self.axes]))
        self.classes = np.full(tuple(grid), -1, np.int16)
        self.border, self.perhaps = np.zeros((2, *grid), np.bool_)
        self.voting = [k for k, entry in enumerate(labels.classes) if entry.grouping in LEARNT]
        self.voters: list[NDArray[np.int64]] = []
        self.votes: list[NDArray[np.int32]] = []
        self.weights: list[NDArray[np.int32]] = []
        self.lengths: list[NDArray[np.int32]] = []

    def add(self, where: tuple[slice, ...], classes: NDArray[np.integer], scores: Tensor) -> None:
        """Take the classes of a piece of the grid, and its scores (channels, *piece)."""
        self.classes[where] = classes
        if self.head is None:
            return
        if self.head.bordered:
            border = self.head.border(scores[None, : self.head.logits])[0].cpu().numpy()
            self.border[where], self.perhaps[where] = border >= AT_BORDER, border >= PARTED
        if self.voting:
            self._add_votes(where, classes, scores)

    def _add_votes(
        self, where: tuple[slice, ...], classes: NDArray[np.integer], scores: Tensor
    ) -> None:
        assert self.head is not None
        voting = np.isin(classes, self.voting)
        cells = np.nonzero(voting)
        kinds = classes[cells].astype(np.int64)
        scales = np.array(self.head.scales)
        picked = scores.cpu().numpy()[:, voting]
        points = np.empty((len(kinds), 3))
        places = [at + cut.start for at, cut in zip(cells, where, strict=True)]
        for axis in range(3):
            step = self.spacing[axis] if axis in self.axes else APART * scales[kinds]
            points[:, axis] = places[axis] * step
        ways = picked[self.head.ways].T.astype(np.float64)
        points[:, self.axes] += ways * scales[kinds, None]
        self.voters.append(np.ravel_multi_index(tuple(places), self.classes.shape))
        self.votes.append(cells_of(kinds, points, self.head.scales).astype(np.int32))
        self.weights.append(weights_of(picked[-1]).astype(np.int32))
        self.lengths.append(lengths_of(FINENESS * ways).astype(np.int32))

    def group(self) -> NDArray[np.int32]:
        """Numbers of objects, int32 (*grid): 1 to N, class after class, and 0 in none."""
        numbers = np.zeros(self.classes.shape, np.int32)
        if self.voting and any(map(len, self.voters)):
            votes = np.concatenate(self.votes).astype(np.int64)
            peaks = find_peaks(CentreVotes.of(votes, np.concatenate(self.weights)), share=0.0)
            peaks = one_per_object(
                peaks, peaks.assign(votes), np.concatenate(self.lengths).astype(np.int64),
                density=self._density(), nd=len(self.axes),
            )  # fmt: skip
            numbers.reshape(-1)[np.concatenate(self.voters)] = peaks.assign(votes)
        for thing in self.labels.things:
            if self.labels.classes[thing].grouping != "centre":
                own = self._group(thing, numbers)
                own[own > 0] += numbers.max(initial=0)
                inside = self.classes == thing
                numbers[inside] = own[inside]
        return self._without_small(numbers)

    def _density(self) -> NDArray[np.float64]:
        """Cells of the grid in one of the votes' lattice, for each class."""
        assert self.head is not None
        edges = np.array(self.head.scales) / FINENESS
        return np.asarray(edges ** len(self.axes) / self.cell, np.float64)

    def _without_small(self, numbers: NDArray[np.int32]) -> NDArray[np.int32]:
        """Numbers of the objects that are large enough for their class, anew from 1 to N."""
        sizes = np.bincount(numbers.reshape(-1))
        kinds = np.zeros(len(sizes), np.int64)
        kinds[numbers] = self.classes
        least = np.array([entry.smallest or 0.0 for entry in self.labels.classes])
        kept = (sizes > 0) & (sizes * self.cell >= least[kinds])
        kept[0] = False
        table = np.where(kept, kept.cumsum(), 0).astype(np.int32)
        return table[numbers]

    def _group(self, thing: int, voted: NDArray[np.int32]) -> NDArray[np.int32]:
        """Numbers of a class's objects, by components or by borders and the centres voted for."""
        from scipy import ndimage

        inside = self.classes == thing
        entry = self.labels.classes[thing]
        if entry.grouping == "components":
            return np.asarray(ndimage.label(inside, structures(self.axes)[1])[0], np.int32)
        assert entry.scale is not None
        edges = [2 * entry.scale / self.spacing[axis] for axis in self.axes]
        least = max(1, int(np.prod(edges) / SMALLEST ** len(edges)))
        core = ~(self.border | self.perhaps & parted(np.where(inside, voted, 0), self.axes))
        return grow_cores(inside, core, axes=self.axes, least=least)
