"""Objects of a volume or an image, grouped once all of its cells have scores."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from volseg.data.objects import ObjectHead
from volseg.geometry.labels import LabelMap
from volseg.predict.objects.border import grow_cores, structures

SMALLEST = 8
"""A core is at least as large as the median object divided by this once an axis."""


class GridObjects:
    """Takes scores of cells, piece by piece in any order, and groups them in the end.

    It keeps the class of every cell and what its grouping needs: a flag for borders.

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
        self.classes = np.full(tuple(grid), -1, np.int16)
        self.border = np.zeros(tuple(grid), np.bool_)

    def add(self, where: tuple[slice, ...], classes: NDArray[np.integer], scores: Tensor) -> None:
        """Take the classes of a piece of the grid, and its scores (channels, *piece)."""
        self.classes[where] = classes
        if self.head is not None and self.head.bordered:
            likeliest = scores[: self.head.logits].argmax(dim=0)
            self.border[where] = (likeliest == self.head.classes).cpu().numpy()

    def group(self) -> NDArray[np.int32]:
        """Numbers of objects, int32 (*grid): 1 to N, class after class, and 0 in none."""
        numbers = np.zeros(self.classes.shape, np.int32)
        for thing in self.labels.things:
            own = self._group(thing)
            inside = own > 0
            numbers[inside] = own[inside] + numbers.max(initial=0).astype(np.int32)
        return numbers

    def _group(self, thing: int) -> NDArray[np.int32]:
        from scipy import ndimage

        inside = self.classes == thing
        entry = self.labels.classes[thing]
        if entry.grouping == "components":
            return np.asarray(ndimage.label(inside, structures(self.axes)[1])[0], np.int32)
        assert entry.scale is not None
        edges = [2 * entry.scale / self.spacing[axis] for axis in self.axes]
        least = max(1, int(np.prod(edges) / SMALLEST ** len(edges)))
        return grow_cores(inside, ~self.border, axes=self.axes, least=least)
