"""The slices of a volume that cross in what is looked at, and the letters at their sides."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from volseg.view.colours import WRONG
from volseg.view.scene import Look, Mesh
from volseg.view.spots import Spot
from volseg.view.volumes.aligned import NOTHING, AlignedVolumes
from volseg.view.volumes.glyphs import letters
from volseg.view.volumes.planes import BLANK, SIDE, WHOLE_SIDE, grey, grey_limits, plane, tinted

# Where slices cut what is labelled as long as nothing is looked at: at the sides away from the
# viewer, who then has most of the surfaces before them. Without surfaces, through the middle.
CUT, MIDDLE = 0.15, 0.5
# Whether the two axes of a slice across one run right and up (1) as it is seen from there.
SEEN = {0: (1.0, 1.0), 1: (-1.0, 1.0), 2: (-1.0, -1.0)}


class CrossSections:
    """Slices across the three axes, in the greys of the image and tinted where classes are."""

    def __init__(self, volumes: AlignedVolumes) -> None:
        self._volumes = volumes
        self._limits = None if volumes.image is None else grey_limits(volumes.image[0])

    @property
    def resting(self) -> NDArray[np.float64]:
        """Where they lie as long as nothing is looked at, in voxels, float64 (3,)."""
        low, high = self._volumes.content
        return np.asarray(low + (CUT if self._volumes.labelled else MIDDLE) * (high - 1 - low))

    def mesh(self, look: Look, axis: int) -> Mesh:
        """The slice across an axis."""
        volumes = self._volumes
        index = self._index(look.focus, axis)
        cells = tuple(index if side == axis else volumes.box[side] for side in range(3))
        colours = self._grey(cells)
        if look.mode != "intensity":
            where = volumes.shown(look.mode, look.hidden, cells)
            table = np.array([(0, 0, 0), *(entry.colour for entry in volumes.classes)], np.uint8)
            codes = np.where(where, volumes.drawn(look.mode)[cells], NOTHING)
            tints = np.array(WRONG) if look.mode == "error" else table[codes]
            colours = tinted(colours, tints, where)
        origin = np.array([side.start for side in volumes.box])
        side = WHOLE_SIDE if min(volumes.grid) == 1 else SIDE
        return plane(colours, axis, index, origin, volumes.affine, side)

    def letters(self, look: Look, axes: tuple[int, ...], *, from_above: bool) -> list[Mesh]:
        """What lies at the sides of slices, to be read from where they are seen first."""
        volumes = self._volumes
        if volumes.unit != "mm" or not axes:
            return []
        seen = SEEN | ({2: (1.0, 1.0)} if from_above else {})
        low, high = np.array([(side.start, side.stop) for side in volumes.box]).T - 0.5
        planes = [(axis, self._index(look.focus, axis), seen[axis]) for axis in axes]
        return [letters(low, high, planes, volumes.affine)]

    def _index(self, focus: Spot | None, axis: int) -> int:
        """Where the slice across an axis lies, in voxels."""
        cut = self.resting if focus is None else self._volumes.to_cells(focus.centre)
        return int(np.clip(np.rint(cut[axis]), 0, self._volumes.grid[axis] - 1))

    def _grey(self, cells: tuple[int | slice, ...]) -> NDArray[np.uint8]:
        image = self._volumes.image
        if image is None or self._limits is None:
            sides = [side.stop - side.start for side in cells if isinstance(side, slice)]
            return np.full((*sides, 3), BLANK, dtype=np.uint8)
        if self._volumes.unit == "pixels" and len(image) == 3:
            channels = [grey(channel[cells], (0.0, 255.0))[..., 0] for channel in image]
            return np.stack(channels, axis=-1)
        return grey(image[0][cells], self._limits)
