"""Objects of scans in a report: a colour for each, and pictures of the worst."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from volseg.geometry.colours import rgb
from volseg.geometry.labels import LabelMap
from volseg.metrics.matching import Matching
from volseg.metrics.object_errors import ObjectError, cell_fates, key_objects, object_errors
from volseg.report.objects import PREDICTED, TRUE
from volseg.report.scans.case import ScanCase
from volseg.view.object_colours import NO_OBJECT, object_colours, take_turns
from volseg.view.projection import project

LISTED = 12
"""Objects of a scan that can be flown to, the largest that are wrong."""
BOX = (240, 200)
"""Width and height of a picture, at most."""
MARGIN, LEAST = 0.4, 1.0
"""What a picture shows around an object: so much of its longest side, and so many metres."""


@dataclass(frozen=True, eq=False)
class ScanCaseObjects:
    """The objects of a scan, side by side.

    Attributes:
        case: the scan, whose places are known.
        pairs: what became of each.
        labels: the classes.
    """

    case: ScanCase
    pairs: Matching
    labels: LabelMap

    @cached_property
    def colours(self) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """Of truth and prediction, for every point 1 + a row of the palette, 0 in no object."""
        true, guess = (self._colours(side) for side in range(2))
        return true, guess

    @cached_property
    def fates(self) -> NDArray[np.uint8]:
        """What became of the object at every point: 1 + its place in `ERROR_KINDS`, 0 of right.

        Where the object of the truth is right, or there is none, that of the prediction.
        """
        truth, predicted = ((side.classes, side.ids) for side in self.case.sides)
        return cell_fates(truth, predicted, self.pairs, self.labels.things)

    def listed(self) -> list[dict[str, Any]]:
        """The largest wrong objects: what they are, and where, for a template and its script."""
        assert self.case.xyz is not None
        spots = []
        for error in object_errors(self.pairs, self.labels.things)[:LISTED]:
            places = self.case.xyz[object_mask(self.case, error)]
            if len(places):
                name = self.labels.names[error.label]
                low, high = places.min(axis=0), places.max(axis=0)
                spots.append(
                    {
                        "points": error.cells,
                        "text": f"{error.kind}: {name}",
                        "centre": ((low + high) / 2).tolist(),
                        "radius": float(np.linalg.norm(high - low)) / 2,
                    }
                )
        return spots

    def _colours(self, side: int) -> NDArray[np.uint8]:
        assert self.case.xyz is not None
        own = self.case.sides[side]
        keys, numbers = key_objects(own.classes, own.ids, self.labels.things)
        counts = np.bincount(numbers, minlength=len(keys) + 1)
        sums = [np.bincount(numbers, axis, len(keys) + 1) for axis in self.case.xyz.T]
        centres = (np.stack(sums, axis=1) / np.maximum(counts, 1)[:, None])[1:]
        return np.append(0, 1 + take_turns(centres)).astype(np.uint8)[numbers]


def object_mask(case: ScanCase, error: ObjectError) -> NDArray[np.bool_]:
    """The points of an object, (N,)."""
    side = case.sides[0 if error.in_truth else 1]
    return np.asarray((side.classes == error.label) & (side.ids == error.id))


def draw_object(case: ScanCase, error: ObjectError) -> Image.Image:
    """An object among the points around it, by what it is on the other side.

    Missed and false ones have a colour; of one that is split or merged every piece has its own.
    """
    mask = object_mask(case, error)
    if case.xyz is None:
        return Image.new("RGB", BOX, NO_OBJECT)
    low, high = case.xyz[mask].min(axis=0), case.xyz[mask].max(axis=0)
    room = max(LEAST, MARGIN * float((high - low).max()))
    near = ((case.xyz >= low - room) & (case.xyz <= high + room)).all(axis=1)
    colours = np.full((int(near.sum()), 3), NO_OBJECT, np.uint8)
    own = mask[near]
    if error.kind in ("split", "merged"):
        other = case.sides[1 if error.in_truth else 0]
        ids = np.where(other.classes == error.label, other.ids, 0)[near][own]
        colours[own] = object_colours(ids, case.xyz[near][own])
        colours[np.flatnonzero(own)[ids == 0]] = rgb(TRUE if error.in_truth else PREDICTED)
    else:
        colours[own] = rgb(TRUE if error.in_truth else PREDICTED)
    return project(case.xyz[near], "oblique", BOX, on_top=own).paint(colours)
