"""A volume as a scene: slices that cross, and the surface of every class around them."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from volseg.view.camera import View
from volseg.view.colours import CORRECT, WRONG
from volseg.view.legend import Entry, Legend
from volseg.view.scene import Look, Part
from volseg.view.spots import Spot
from volseg.view.volumes.aligned import IGNORED, NOTHING, AlignedVolumes
from volseg.view.volumes.sections import CrossSections
from volseg.view.volumes.shells import Shells

# World axes run right, anterior, superior. A person is seen from the front and a little from their
# right, or from their right alone.
FRONT, RIGHT = float(np.pi - np.deg2rad(25.0)), float(np.pi / 2)


class VolumeScene:
    """Three slices that cross in what is looked at, and surfaces; an image is one slice."""

    def __init__(self, case: AlignedVolumes) -> None:
        self._case = case
        self._sections, self._shells = CrossSections(case), Shells(case)

    @cached_property
    def title(self) -> str:
        """Name, grid, and how coarse surfaces are where a screen shows no more."""
        case, flat = self._case, min(self._case.grid) == 1
        sides = [side for side in case.grid if side > 1 or not flat] or [1]
        noun = "pixels" if case.unit == "pixels" else "voxels"
        text = f"{case.name}: {' x '.join(map(str, sides))} {noun}"
        coarsest = 1 if flat else self._shells.coarsest
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
            flat[:, axis] = self._sections.resting[axis]
            boxes.append(flat)
        corners = [np.stack(np.meshgrid(*box.T), axis=-1).reshape(-1, 3) for box in boxes]
        return case.to_world(np.concatenate(corners))

    def parts(self, look: Look) -> list[Part]:
        """Slices through the focus, and surfaces of the classes that are not hidden."""
        grid, surfaces = self._case.grid, []
        axes: tuple[int, ...] = {"all": (0, 1, 2), "lying": (2,), "none": ()}[look.slices]
        if min(grid) == 1:
            axes = (int(np.argmin(grid)),)
        elif look.mode == "error":
            surfaces = self._shells.of_errors(look, *self._error_legend.entries)
        elif look.mode != "intensity":
            surfaces = self._shells.of_classes(look)
        slices = (self._sections.mesh(look, axis) for axis in axes)
        letters = self._sections.letters(look, axes, from_above=self.view == "top")
        return [*slices, *surfaces, *letters]

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
        labelled = (~np.isin(case.drawn("error"), (NOTHING, IGNORED))).sum()
        share = 100 * case.wrong.sum() / max(1, labelled)
        entries = Entry("correct", CORRECT), Entry(f"wrong ({share:.1f} % of labelled)", WRONG)
        return Legend(case.compared.heading, entries)

    def describe(self, place: NDArray[np.float64], look: Look) -> str:
        """Index in the file, place, classes and value of the voxel nearest to a place."""
        del look  # a voxel is what it is, however it is coloured
        return self._case.describe(place)
