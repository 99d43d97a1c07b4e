"""Labels, truth and image of one grid, brought to common axes: what a volume's scene draws."""

from __future__ import annotations

from functools import cached_property
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from volseg.errors import InputError
from volseg.geometry import LabelMap
from volseg.geometry.volume import MISPLACED, Volume, apart, spacing_of
from volseg.view.classes import Classes
from volseg.view.common_classes import Comparison, compare_ids
from volseg.view.legend import Entry
from volseg.view.spots import Spot, find_spots
from volseg.view.volumes.air import content_box

Codes = NDArray[np.uint16]
Box = tuple[slice, slice, slice]

NOTHING, IGNORED = 0, int(np.iinfo(np.uint16).max)
# What is drawn reaches beyond what is labelled by this share of its size, or beyond what is no air.
MARGIN, MARGIN_OF_IMAGE = 0.25, 0.1
# Beyond so many wrong voxels, clusters are looked for in every second, third, ... of them.
MOST_WRONG = 10_000_000


class AlignedVolumes:
    """Volumes of one grid whose axes run right, anterior, superior as nearly as they can.

    Attributes:
        grid: voxels along each axis.
        affine: float64 (4, 4), from voxels to the world.
        unit: of the world; ``mm`` where its axes are right, anterior, superior.
        codes: uint16 (X, Y, Z) of ``class`` and ``truth``, as far as they are known: 0 for
            background, ``n + 1`` for the n-th of `classes`, `IGNORED`.
        image: (C, X, Y, Z) or None.
        classes: the classes that are no background.
        meaning: what every raw id means.
        compared: how prediction and truth are compared.
    """

    def __init__(
        self,
        name: str,
        *,
        labels: Volume | None = None,
        truth: Volume | None = None,
        image: Volume | None = None,
        classes: LabelMap | None = None,
        unit: str = "mm",
    ) -> None:
        """Volumes that belong together.

        Args:
            name: what the case is called.
            labels: predicted ids, or the only ones; may be missing where there is an image.
            truth: true ids.
            image: numbers.
            classes: names and colours; without it every id but 0 is a class.
            unit: of the world the affines lead to.

        Raises:
            InputError: if there is nothing to show, or a truth without labels, the volumes do
                not lie in one place, or ``classes`` lacks an id.
        """
        given = [one for one in (labels, truth, image) if one is not None]
        if not given or (labels is None and truth is not None):
            raise InputError("holds no labels to compare with the truth", path=name)
        first = given[0]
        for one in given[1:]:
            first = first.towards(one)
        labels, truth, image = (
            None if one is None else one.towards(first) for one in (labels, truth, image)
        )
        for other in (truth, image):
            if other is not None:
                _check_same_place(name, first, other)
        self.name, self.unit, self._stored = name, unit, first.affine
        self.grid, self.affine = first.canonical().grid, first.canonical().affine
        self._raw = {
            kind: one.canonical().array[0]
            for kind, one in (("class", labels), ("truth", truth))
            if one is not None
        }
        self.image = None if image is None else image.canonical().array
        judged = classes is None and truth is not None
        ids = self._raw.values()
        self.compared = compare_ids(*ids, asprs=False) if judged else Comparison(classes)
        self.meaning = Classes.of(self._raw.values(), classes, asprs=False)
        nothing = self.meaning.background | self.meaning.ignored
        kept = [k for k in range(len(self.meaning.entries)) if k not in nothing]
        self.classes: tuple[Entry, ...] = tuple(self.meaning.entries[k] for k in kept)
        table = np.full(len(self.meaning.entries), NOTHING, dtype=np.uint16)
        table[kept] = np.arange(1, len(kept) + 1)
        table[list(self.meaning.ignored)] = IGNORED
        self.codes = {kind: self._encode(raw, table) for kind, raw in self._raw.items()}

    @cached_property
    def wrong(self) -> NDArray[np.bool_]:
        """Which voxels are of another class than their truth, bool (X, Y, Z); no truth, none."""
        if "truth" not in self.codes:
            return np.zeros(self.grid, dtype=bool)
        guess, truth = self.codes["class"], self.codes["truth"]
        return np.asarray((guess != truth) & (truth != IGNORED))

    @cached_property
    def _compared_codes(self) -> Codes:
        guess, truth = self.codes["class"], self.codes.get("truth")
        return guess if truth is None else np.where(guess == NOTHING, truth, guess)

    def drawn(self, mode: str) -> Codes:
        """The class every voxel is drawn as; in errors the true one where none is predicted."""
        return self._compared_codes if mode == "error" else self.codes[mode]

    def shown(
        self, mode: str, hidden: frozenset[int], cells: tuple[int | slice, ...]
    ) -> NDArray[np.bool_]:
        """Which of some voxels are of a class, or are wrong where errors are shown.

        Args:
            mode: ``class``, ``truth`` or ``error``.
            hidden: numbers of classes that are not shown.
            cells: which voxels, as an index of the grid.
        """
        nowhere = [] if mode == "error" else [NOTHING, IGNORED]
        shown = ~np.isin(self.drawn(mode)[cells], nowhere + [number + 1 for number in hidden])
        return shown & self.wrong[cells] if mode == "error" else shown

    @cached_property
    def spots(self) -> list[Spot]:
        """Clusters of wrong voxels in the world, the largest first."""
        step = 1 + int(self.wrong.sum() // MOST_WRONG)
        cells = np.argwhere(self.wrong[::step, ::step, ::step]).astype(np.float64)
        spacing = step * spacing_of(self.affine)
        return [
            Spot(one.count, self.to_world((one.centre - 0.5) * step), one.sides * spacing)
            for one in find_spots(cells, 1.0)
        ]

    @cached_property
    def boxes(self) -> dict[str, list[Box | None]]:
        """The box around each class, of prediction and truth; None where it is nowhere."""
        from scipy import ndimage

        many = len(self.classes)
        boxes: dict[str, list[Box | None]] = {}
        for kind, codes in self.codes.items():
            labelled = np.where(codes == IGNORED, NOTHING, codes)
            found = [cast("Box | None", one) for one in ndimage.find_objects(labelled, many)]
            boxes[kind] = found + [None] * (many - len(found))
        return boxes

    @property
    def labelled(self) -> bool:
        """Whether any voxel is of a class."""
        return any(one is not None for boxes in self.boxes.values() for one in boxes)

    @cached_property
    def content(self) -> NDArray[np.int64]:
        """The first voxel of the box around all classes and the one after its last, (2, 3).

        Where there is no class, the box is around what is not air in the image.
        """
        if min(self.grid) == 1 or (self.image is None and not self.labelled):
            return np.array([(0, 0, 0), self.grid])
        if self.image is not None and not self.labelled:
            return content_box(self.image[0])
        found = [one for boxes in self.boxes.values() for one in boxes if one is not None]
        low = np.min([[side.start for side in one] for one in found], axis=0)
        return np.array([low, np.max([[side.stop for side in one] for one in found], axis=0)])

    @cached_property
    def box(self) -> Box:
        """The part that is drawn: the content and a margin."""
        low, high = self.content
        share = MARGIN if self.labelled else MARGIN_OF_IMAGE
        margin = np.ceil((high - low) * share).astype(int)
        ends = zip(low - margin, high + margin, self.grid, strict=True)
        x, y, z = (slice(max(0, int(a)), min(int(b), side)) for a, b, side in ends)
        return x, y, z

    def to_world(self, cells: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
        """Voxels, (..., 3), to places in the world."""
        return np.asarray(cells @ self.affine[:3, :3].T + self.affine[:3, 3])

    def to_cells(self, places: NDArray[np.float64]) -> NDArray[np.float64]:
        """Places in the world, (..., 3), to voxels."""
        inverse = np.linalg.inv(self.affine)
        return np.asarray(places @ inverse[:3, :3].T + inverse[:3, 3])

    def describe(self, place: NDArray[np.float64]) -> str:
        """Index in the file, place, classes and value of the voxel nearest to a place."""
        nearest = np.clip(np.rint(self.to_cells(place)), 0, np.subtract(self.grid, 1))
        world, cell = self.to_world(nearest), tuple(nearest.astype(int).tolist())
        index = np.linalg.solve(self._stored, [*world, 1.0])[:3]
        facts = ["voxel " + ", ".join(str(round(one)) for one in index)]
        if self.unit == "mm":
            axes = zip(("right", "anterior", "superior"), world, strict=True)
            facts.append("  ".join(f"{axis} {value:.2f}" for axis, value in axes) + " mm")
        for kind, raw in self._raw.items():
            verdict = (" (wrong)" if self.wrong[cell] else " (right)") if kind == "truth" else ""
            facts.append(f"{kind} {raw[cell]}: {self.meaning.name(int(raw[cell]))}{verdict}")
        if self.image is not None:
            facts.append("intensity " + "  ".join(f"{one:g}" for one in self.image[:, *cell]))
        return "\n".join(facts)

    def _encode(self, raw: NDArray[Any], table: Codes) -> Codes:
        codes = np.empty(raw.shape, dtype=np.uint16)
        for z in range(raw.shape[2]):  # a slice at a time: places take 8 bytes a voxel
            codes[:, :, z] = table[self.meaning.codes(raw[:, :, z])]
        return codes


def _check_same_place(name: str, first: Volume, other: Volume) -> None:
    """Refuse volumes that do not lie on each other, whatever their axes' order."""
    one, two = first.canonical(), other.canonical()
    if one.grid != two.grid:
        raise InputError(
            f"has grid {first.grid}, what it is shown with {other.grid}; wanted one grid", path=name
        )
    off = apart(one, two)
    if off > MISPLACED:
        raise InputError(
            f"lies up to {off:.3g} voxels beside what it is shown with; resample one of them",
            path=name,
        )
