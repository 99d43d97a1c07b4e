"""The surfaces of a volume's classes, or of what is right and wrong, each made once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from volseg.geometry.volume import spacing_of
from volseg.view.legend import Entry
from volseg.view.scene import Look, Mesh
from volseg.view.volumes.aligned import IGNORED, NOTHING, AlignedVolumes, Box
from volseg.view.volumes.surfaces import MOST_CELLS, coarsening, surface

Key = tuple[object, ...]


class Shells:
    """Surfaces that stay what they are until other classes are hidden."""

    def __init__(self, volumes: AlignedVolumes) -> None:
        self._volumes = volumes
        self._made: dict[Key, Mesh] = {}

    @property
    def coarsest(self) -> int:
        """How many voxels along an axis make a cell of the coarsest surface; 1 without any."""
        spacing = spacing_of(self._volumes.affine)
        boxes = [box for boxes in self._volumes.boxes.values() for box in boxes if box is not None]
        shapes = [tuple(side.stop - side.start for side in box) for box in boxes]
        return max((max(coarsening(shape, spacing, MOST_CELLS)) for shape in shapes), default=1)

    def of_classes(self, look: Look) -> list[Mesh]:
        """The surface of every class that is somewhere and not hidden."""
        volumes = self._volumes

        def mask(number: int, box: Box) -> Callable[[], NDArray[np.bool_]]:
            return lambda: np.asarray(volumes.codes[look.mode][box] == number + 1)

        entries = zip(volumes.classes, volumes.boxes[look.mode], strict=True)
        return [
            self._shell((look.mode, number), mask(number, box), box, entry)
            for number, (entry, box) in enumerate(entries)
            if box is not None and number not in look.hidden
        ]

    def of_errors(self, look: Look, right: Entry, wrong: Entry) -> list[Mesh]:
        """What is right, and over it what is wrong, however thin."""
        volumes, cells = self._volumes, self._volumes.box

        def mask_right() -> NDArray[np.bool_]:
            hidden = [NOTHING, IGNORED, *(number + 1 for number in look.hidden)]
            return ~np.isin(volumes.drawn("error")[cells], hidden) & ~volumes.wrong[cells]

        def mask_wrong() -> NDArray[np.bool_]:
            return volumes.shown("error", look.hidden, cells)

        return [
            self._shell((look.hidden, right), mask_right, cells, right),
            self._shell((look.hidden, wrong), mask_wrong, cells, wrong, thin=True),
        ]

    def _shell(
        self,
        key: Key,
        mask: Callable[[], NDArray[np.bool_]],
        box: Box,
        entry: Entry,
        *,
        thin: bool = False,
    ) -> Mesh:
        """The surface of a mask of a box."""
        if key not in self._made:
            moved = self._volumes.affine.copy()
            moved[:3, 3] = self._volumes.to_world(np.array([side.start for side in box]))
            self._made[key] = surface(mask(), moved, entry, thin=thin)
        return self._made[key]
