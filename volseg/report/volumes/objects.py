"""Objects of volumes and images in a report: their outlines in slices, pictures of the worst."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from volseg.evaluate.objects import ObjectSide
from volseg.geometry.colours import rgb
from volseg.geometry.volume import Volume
from volseg.metrics.matching import Matching
from volseg.metrics.object_errors import ObjectError, fates_of, key_objects, object_errors
from volseg.report.objects import PREDICTED, TRUE
from volseg.view.object_colours import take_turns
from volseg.view.volumes.planes import grey, grey_limits
from volseg.view.volumes.slices import edges, enlarged, fitted, shown

LISTED = 12
"""Objects of a case that can be jumped to, the largest that are wrong."""
BOX = (240, 200)
"""Width and height of a picture, at most."""
MARGIN, LEAST = 0.75, 8
"""What a picture shows around an object: so much of its longest side, and so many voxels."""
BLANK = 225
"""Grey where no image is known."""

Ids = NDArray[np.integer[Any]]


class CaseObjects:
    """The objects of a case, side by side.

    Args:
        sides: truth and prediction, classes and objects (X, Y, Z) each.
        pairs: what became of each.
        things: training ids of classes that have objects.
    """

    def __init__(
        self, sides: tuple[ObjectSide, ObjectSide], pairs: Matching, things: Sequence[int]
    ) -> None:
        self.sides, self.pairs, self.things = sides, pairs, things

    def errors(self) -> list[ObjectError]:
        """What is listed, the largest first."""
        return object_errors(self.pairs, self.things)[:LISTED]

    def cell(self, error: ObjectError) -> NDArray[np.int64]:
        """The voxel of an object that is nearest to its centre, int64 (3,)."""
        cells = np.argwhere(self.mask(error))
        far = ((cells - cells.mean(axis=0)) ** 2).sum(axis=1)
        return np.asarray(cells[far.argmin()])

    def mask(self, error: ObjectError) -> NDArray[np.bool_]:
        """The voxels of an object, (X, Y, Z)."""
        side = self.sides[0 if error.in_truth else 1]
        return np.asarray((side.classes == error.label) & (side.ids == error.id))

    def drawn(self, chosen: tuple[NDArray[np.int64], ...]) -> list[dict[str, Any]]:
        """Of truth and prediction: a number for every drawn voxel, and of each colour and fate.

        Args:
            chosen: the voxels drawn, as indices.

        Returns:
            ``numbers`` from 1 on, 0 in no object; ``colours``, rows of the palette; ``fates``, 0
            of those found, else 1 + the place in `ERROR_KINDS`.
        """
        fates = self.pairs.fates
        segments = (self.pairs.truth, self.pairs.predicted)
        made = []
        for side, known, fate in zip(self.sides, segments, fates, strict=True):
            keys, numbers = key_objects(side.classes, side.ids, self.things)
            made.append(
                {
                    "numbers": numbers[chosen].astype(
                        np.uint16 if len(keys) < 2**16 else np.uint32
                    ),
                    "colours": take_turns(_centres(numbers, len(keys))).tolist(),
                    "fates": fates_of(keys, known, fate).tolist(),
                }
            )
        return made

    def picture(
        self, error: ObjectError, image: Volume | None, spacing: Sequence[float]
    ) -> Image.Image:
        """An object where most of it is in one slice, and the outlines of all near it.

        Args:
            error: which object.
            image: what is seen below, None where it is not known.
            spacing: between voxels.
        """
        mask = self.mask(error)
        z = int(mask.sum(axis=(0, 1)).argmax())
        rows, columns = (np.flatnonzero(mask[..., z].any(axis=axis)) for axis in (1, 0))
        room = max(LEAST, round(MARGIN * max(np.ptp(rows), np.ptp(columns))))
        above, left = (slice(max(0, at[0] - room), at[-1] + room + 1) for at in (rows, columns))
        true, guess = (
            key_objects(side.classes, side.ids, self.things)[1][above, left, z]
            for side in self.sides
        )
        below = np.full((*true.shape, 3), BLANK, np.uint8)
        if image is not None:
            below = _slice(image, z)[above, left]
        placed = image is not None and not np.array_equal(image.affine, np.eye(4))
        if placed:  # rows up, as slices of bodies are drawn
            true, guess, below = (np.swapaxes(one, 0, 1)[::-1] for one in (true, guess, below))
        steps = (spacing[1], spacing[0]) if placed else (spacing[0], spacing[1])
        size = fitted(true.shape, steps, BOX)
        pixels = np.array(shown(below, size))
        for numbers, colour, thick in ((true, TRUE, 3), (guess, PREDICTED, 1)):
            large = enlarged(numbers, size)
            pixels[edges(large, thick) & (large > 0)] = rgb(colour)
        return Image.fromarray(pixels)


def _centres(numbers: Ids, many: int) -> NDArray[np.float64]:
    cells = np.nonzero(numbers)
    of = numbers[cells] - 1
    counts = np.bincount(of, minlength=many)
    return np.stack([np.bincount(of, axis, many) / counts for axis in cells], axis=1)


def _slice(image: Volume, z: int) -> NDArray[np.uint8]:
    """A slice in grey, or in the colours of a photograph, uint8 (H, W, 3)."""
    array = image.array
    if len(array) == 3 and array.min() >= 0 and array.max() <= 255:
        return np.moveaxis(array[..., z], 0, -1).astype(np.uint8)
    return grey(array[0, ..., z], grey_limits(array[0]))
