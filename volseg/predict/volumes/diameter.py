"""Objects of another size than networks learnt: images are zoomed until sizes match."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from volseg.errors import InputError
from volseg.geometry.volume import Orientation, Volume

if TYPE_CHECKING:
    from volseg.geometry.labels import LabelMap

ROUND = {2: np.pi / 4, 3: np.pi / 6}
"""Share of a square, or a cube, that a circle, or a ball, as wide fills."""
LARGER, SMALLER = 20.0, 5.0
"""Times by which objects may be larger, or smaller, than those a network learnt."""


def learnt_diameter(labels: LabelMap, nd: int) -> float:
    """The diameter of a circle, or a ball, as large as the median object that was learnt.

    Args:
        labels: the classes, one of which is a thing whose scale is known.
        nd: number of axes the network sees.

    Raises:
        InputError: if no class, or more than one, has learnt objects.
    """
    learnt = [entry for entry in labels.classes if entry.grouping in ("centre", "border")]
    if len(learnt) != 1:
        names = ", ".join(entry.name for entry in learnt) or "none"
        raise InputError(
            f"a diameter is of the objects of one class that was learnt; this model has {names}"
        )
    (entry,) = learnt
    assert entry.scale is not None
    return float(2 * entry.scale / ROUND[nd] ** (1 / nd))


def check_diameter(labels: LabelMap, patch: Sequence[int], diameter: float) -> float:
    """Times by which objects of that diameter are smaller than those a network learnt.

    Args:
        labels: the classes.
        patch: sides of the network's windows; it sees no axis of side 1.
        diameter: of the median object, in the unit of the spacing of images.

    Raises:
        InputError: if it is no length, or too far from what was learnt; or as `learnt_diameter`.
    """
    known = learnt_diameter(labels, sum(side > 1 for side in patch))
    if not known / SMALLER <= diameter <= known * LARGER:
        raise InputError(
            f"the diameter is {diameter:g}, and {known:.3g} was learnt; wanted "
            f"{known / SMALLER:.3g} to {known * LARGER:.3g}"
        )
    return known / diameter


def zoomed(volume: Volume, labels: LabelMap, patch: Sequence[int], diameter: float) -> Volume:
    """A volume whose spacing says that its objects are as large as those that were learnt.

    Its cells are the same; what resamples it to the network's spacing does the rest, and scales
    and smallest sizes are then of objects as the network knows them.

    Args:
        volume: (C, X, Y, Z).
        labels: the classes.
        patch: sides of the network's windows along right, anterior, superior: it sees no axis of
            side 1, and nothing is zoomed there.
        diameter: of the volume's median object, in the unit of its spacing.

    Raises:
        InputError: as `check_diameter`.
    """
    orientation = Orientation.of(volume.affine)
    factors = np.ones(4)
    seen = [orientation.axes[axis] for axis in range(3) if patch[axis] > 1]
    factors[seen] = check_diameter(labels, patch, diameter)
    return Volume(volume.array, volume.affine * factors)
