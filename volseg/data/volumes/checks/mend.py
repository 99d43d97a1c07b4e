"""Labels that cannot be read as they are, and what would make label maps of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import ImageColor

from volseg.data.volumes.datasets.cases import Repair
from volseg.errors import InputError
from volseg.geometry.volume import Volume
from volseg.io.structures import paint, structures
from volseg.io.volume_formats import MASKS, find_volume_format
from volseg.io.volumes import read_colours, read_label_volume

NEAR = 0.25
"""How far values of labels may lie from whole numbers: those between two classes lie at a half."""

MOST_COLOURS = 64
"""More colours than a mask has: a picture with more is a photograph, or its edges are soft."""

BLACK = 0


@dataclass(frozen=True)
class Mended:
    """A label map as a repair would make it.

    Attributes:
        volume: its ids; of colours, 65536 red + 256 green + blue.
        repair: what has to be done.
        message: what was found.
    """

    volume: Volume
    repair: Repair
    message: str

    @property
    def remedy(self) -> str:
        """What to do."""
        done = {"round": "rounded", "colours": "made ids, black 0"}
        return f"have them {done[self.repair]} (--fix OUT)"


def mend(path: Path) -> Mended | None:
    """What can safely be made of a file that `read_label_volume` refuses; None where nothing."""
    try:
        return Mended(
            read_label_volume(path, within=NEAR), "round", "holds fractions near whole numbers"
        )
    except InputError:
        colours = read_colours(path)
    if colours is None:
        return None
    found = np.unique(colours.array).tolist()
    if len(found) > MOST_COLOURS:
        return None
    shown = ", ".join(colour_name(one) for one in found[:6])
    more = " ..." if len(found) > 6 else ""
    return Mended(colours, "colours", f"holds {len(found)} colours ({shown}{more}), no ids")


def read_mended(path: Path, names: Iterable[str], colours: Mapping[int, int]) -> Volume:
    """The label map in a file, with whatever `mend` would have to do done.

    Args:
        path: the file, or a folder of masks.
        names: of the structures that have the ids 1, 2, ... where it is such a folder.
        colours: the id of every colour.
    """
    if find_volume_format(path) is MASKS:
        found = structures(path)
        return paint([found.get(name) for name in names])
    try:
        return read_label_volume(path)
    except InputError:
        mended = mend(path)
        if mended is None:
            raise
    if mended.repair != "colours":
        return mended.volume
    known = np.array(sorted(colours))
    ids = np.array([colours[one] for one in known.tolist()], np.uint8)
    array = ids[np.searchsorted(known, mended.volume.array)]
    return Volume(array, mended.volume.affine)


def number_colours(found: Iterable[int]) -> dict[int, int]:
    """An id for every colour: 0 for black, 1, 2, ... for the others, in their order."""
    others = sorted(set(found) - {BLACK})
    return {BLACK: 0, **{colour: number for number, colour in enumerate(others, start=1)}}


def colour_classes(colours: Mapping[int, int]) -> dict[str, tuple[int, ...]]:
    """A class for every colour, called as the colour is; black is ``background``."""
    return {
        "background" if colour == BLACK else colour_name(colour): (one,)
        for colour, one in colours.items()
    }


def colour_name(colour: int) -> str:
    """``red`` of 0xFF0000 where a colour has a name, else its digits."""
    digits = f"#{colour:06x}"
    names = (name for name, value in ImageColor.colormap.items() if value == digits)
    return next(names, f"colour_{digits[1:]}")
