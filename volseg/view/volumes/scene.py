"""A volume as a scene: slices that cross, and the surface of every class around them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, partial

import numpy as np
from numpy.typing import NDArray

from volseg.view.camera import View
from volseg.view.colours import CORRECT, WRONG
from volseg.view.legend import Entry, Legend
from volseg.view.scene import Look, Mesh, Part
from volseg.view.spots import Spot
from volseg.view.volumes.aligned import IGNORED, NOTHING, AlignedVolumes, Box
from volseg.view.volumes.glyphs import letters
from volseg.view.volumes.planes import BLANK, SIDE, WHOLE_SIDE, grey, grey_limits, plane, tinted
from volseg.view.volumes.surfaces import MOST_CELLS, coarsening, surface

# World axes run right, anterior, superior. A person is seen from the front and a little from their
# right, or from their right alone.
FRONT, RIGHT = float(np.pi - np.deg2rad(25.0)), float(np.pi / 2)
# Where slices cut what is labelled as long as nothing is looked at: at the sides away from the
# viewer, who then has most of the surfaces before them. Without surfaces, through the middle.
CUT, MIDDLE = 0.15, 0.5
# Whether the two axes of a slice across one run right and up (1) as it is seen from there.
SEEN = {0: (1.0, 1.0), 1: (-1.0, 1.0), 2: (-1.0, -1.0)}
Key = tuple[object, ...]


class VolumeScene:
    """Three slices that cross in what is looked at, and surfaces; an image is one slice."""

    def __init__(self, case: AlignedVolumes) -> None:
        self._case = case
        self._limits = None if case.image is None else grey_limits(case.image[0])
        self._shells: dict[Key, Mesh] = {}

    @cached_property
    def title(self) -> str:
        """Name, grid, and how coarse surfaces are where a screen shows no more."""
        case, flat = self._case, min(self._case.grid) == 1
        sides = [side for side in case.grid if side > 1 or not flat] or [1]
        noun = "pixels" if case.unit == "pixels" else "voxels"
        text = f"{case.name}: {' x '.join(map(str, sides))} {noun}"
        boxes = [] if flat else [one for some in case.boxes.values() for one in some if one]
        coarsest = max((max(self._factors(box)) for box in boxes), default=1)
        return text + (f", large surfaces of every {coarsest} voxels" if coarsest > 1 else "")

    @property
    def note(self) -> str:
        """What to know of how errors are judged."""
        return self._case.compared.note

    @property
    def unit(self) -> str:
        """Millimetres, or pixels of an image."""
        return self._case.unit

    @property
    def modes(self) -> tuple[str, ...]:
        """What can give the colours, the most telling first."""
        compared = ("truth", "error") if "truth" in self._case.codes else ()
        found = (*(("class",) if "class" in self._case.codes else ()), *compared)
        return (*found, "intensity") if self._case.image is not None else found

    @property
    def classes(self) -> tuple[Entry, ...]:
        """The classes that are no background."""
        return self._case.classes

    @property
    def spots(self) -> list[Spot]:
        """Clusters of wrong voxels, the largest first."""
        return self._case.spots

    @property
    def view(self) -> View:
        """An image is seen from above, a volume obliquely."""
        return "top" if self._case.grid[2] == 1 else "oblique"

    @property
    def headings(self) -> dict[View, float]:
        """A person is seen from the front or from the right, whatever the shape of an organ."""
        return {"oblique": FRONT, "side": RIGHT, "top": 0.0}

    def outline(self) -> NDArray[np.float64]:
        """Corners of the slices and of the box around all classes, float64 (n, 3)."""
        case = self._case
        drawn = np.array([(side.start, side.stop) for side in case.box]).T - 0.5
        boxes = [case.content - 0.5]
        for axis in range(3):
            flat = drawn.copy()
            flat[:, axis] = self._behind[axis]
            boxes.append(flat)
        corners = [np.stack(np.meshgrid(*box.T), axis=-1).reshape(-1, 3) for box in boxes]
        return case.to_world(np.concatenate(corners))

    def parts(self, look: Look) -> list[Part]:
        """Slices through the focus, and surfaces of the classes that are not hidden."""
        if min(self._case.grid) == 1:
            flat = int(np.argmin(self._case.grid))
            return [self._slice(look, flat), *self._letters(look, (flat,))]
        axes = {"all": (0, 1, 2), "lying": (2,), "none": ()}[look.slices]
        slices = (self._slice(look, axis) for axis in axes)
        return [*slices, *self._surfaces(look), *self._letters(look, axes)]

    def _letters(self, look: Look, axes: tuple[int, ...]) -> list[Mesh]:
        """What lies at the sides of slices, to be read from where they are seen first."""
        case = self._case
        if case.unit != "mm" or not axes:
            return []
        seen = SEEN | ({2: (1.0, 1.0)} if self.view == "top" else {})
        low, high = np.array([(side.start, side.stop) for side in case.box]).T - 0.5
        planes = [(axis, self._index(look, axis), seen[axis]) for axis in axes]
        return [letters(low, high, planes, case.affine)]

    def _index(self, look: Look, axis: int) -> int:
        """Where the slice across an axis lies, in voxels."""
        case = self._case
        cut = self._behind if look.focus is None else case.to_cells(look.focus.centre)
        return int(np.clip(np.rint(cut[axis]), 0, case.grid[axis] - 1))

    def legend(self, look: Look) -> Legend:
        """What the colours mean."""
        case = self._case
        if look.mode == "intensity":
            return Legend("intensity")
        if look.mode == "error":
            return self._error_legend
        return Legend("truth" if look.mode == "truth" else case.meaning.title, case.classes)

    @cached_property
    def _error_legend(self) -> Legend:
        case = self._case
        labelled = ((case.found != NOTHING) & (case.found != IGNORED)).sum()
        share = 100 * case.wrong.sum() / max(1, labelled)
        entries = Entry("correct", CORRECT), Entry(f"wrong ({share:.1f} % of labelled)", WRONG)
        return Legend(case.compared.heading, entries)

    def describe(self, place: NDArray[np.float64], look: Look) -> str:
        """Index in the file, place, classes and value of the voxel nearest to a place."""
        del look  # a voxel is what it is, however it is coloured
        return self._case.describe(place)

    @property
    def _behind(self) -> NDArray[np.float64]:
        """Where slices lie as long as nothing is looked at, in voxels, (3,)."""
        low, high = self._case.content
        return np.asarray(low + (CUT if self._case.labelled else MIDDLE) * (high - 1 - low))

    def _slice(self, look: Look, axis: int) -> Mesh:
        case = self._case
        index = self._index(look, axis)
        cells = tuple(index if side == axis else case.box[side] for side in range(3))
        colours = self._grey(cells)
        if look.mode != "intensity":
            where = self._shown(look, cells)
            table = np.array([(0, 0, 0), *(entry.colour for entry in case.classes)], np.uint8)
            codes = np.where(where, self._drawn(look)[cells], NOTHING)
            tints = np.array(WRONG) if look.mode == "error" else table[codes]
            colours = tinted(colours, tints, where)
        origin = np.array([side.start for side in case.box])
        side = WHOLE_SIDE if min(case.grid) == 1 else SIDE
        return plane(colours, axis, index, origin, case.affine, side)

    def _grey(self, cells: tuple[int | slice, ...]) -> NDArray[np.uint8]:
        image = self._case.image
        if image is None or self._limits is None:
            sides = [side.stop - side.start for side in cells if isinstance(side, slice)]
            return np.full((*sides, 3), BLANK, dtype=np.uint8)
        if self._case.unit == "pixels" and len(image) == 3:
            return np.stack([grey(one[cells], (0.0, 255.0))[..., 0] for one in image], axis=-1)
        return grey(image[0][cells], self._limits)

    def _drawn(self, look: Look) -> NDArray[np.uint16]:
        """The class every voxel is drawn as."""
        return self._case.found if look.mode == "error" else self._case.codes[look.mode]

    def _shown(self, look: Look, cells: tuple[int | slice, ...]) -> NDArray[np.bool_]:
        """Which of some voxels are tinted: those of a class, or wrong, that is not hidden."""
        hidden = [NOTHING, IGNORED] if look.mode != "error" else []
        shown = ~np.isin(self._drawn(look)[cells], hidden + [one + 1 for one in look.hidden])
        return shown & self._case.wrong[cells] if look.mode == "error" else shown

    def _surfaces(self, look: Look) -> list[Mesh]:
        if look.mode == "intensity":
            return []
        if look.mode == "error":
            return self._error_surfaces(look)
        codes, boxes = self._case.codes[look.mode], self._case.boxes[look.mode]
        return [
            self._shell((look.mode, number), partial(_equal, codes, box, number + 1), box, entry)
            for number, (entry, box) in enumerate(zip(self.classes, boxes, strict=True))
            if box is not None and number not in look.hidden
        ]

    def _error_surfaces(self, look: Look) -> list[Mesh]:
        """What is right, and over it what is wrong, however thin."""
        case, cells = self._case, self._case.box
        right, wrong = self.legend(look).entries

        def mask_right() -> NDArray[np.bool_]:
            hidden = [NOTHING, IGNORED, *(one + 1 for one in look.hidden)]
            return np.asarray(~np.isin(case.found[cells], hidden) & ~case.wrong[cells])

        return [
            self._shell((look.hidden, right), mask_right, cells, right),
            self._shell((look.hidden, wrong), lambda: self._shown(look, cells), cells, wrong, True),
        ]

    def _shell(
        self,
        key: Key,
        mask: Callable[[], NDArray[np.bool_]],
        box: Box,
        entry: Entry,
        thin: bool = False,
    ) -> Mesh:
        """The surface of a mask of a box, made once."""
        if key not in self._shells:
            moved = self._case.affine.copy()
            moved[:3, 3] = self._case.to_world(np.array([side.start for side in box]))
            self._shells[key] = surface(mask(), moved, entry, thin=thin)
        return self._shells[key]

    def _factors(self, box: Box) -> tuple[int, int, int]:
        spacing = np.linalg.norm(self._case.affine[:3, :3], axis=0)
        shape = tuple(side.stop - side.start for side in box)
        return coarsening(shape, spacing, MOST_CELLS)


def _equal(codes: NDArray[np.uint16], box: Box, code: int) -> NDArray[np.bool_]:
    return np.asarray(codes[box] == code)
