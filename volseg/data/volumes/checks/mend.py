"""Labels that cannot be read as they are, and what would make label maps of them."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import ImageColor

from volseg.data.volumes.datasets.cases import Case, Repair
from volseg.errors import InputError
from volseg.geometry.volume import MISPLACED, Volume, apart
from volseg.io.volumes.files import read_colours, read_label_volume, read_volume_header
from volseg.io.volumes.formats import MASKS, find_volume_format
from volseg.io.volumes.structures import paint, structures

NEAR = 0.25
"""How far values of labels may lie from whole numbers: those between two classes lie at a half."""

MOST_COLOURS = 64
"""More colours than a mask has: a picture with more is a photograph, or its edges are soft."""

BLACK = 0


@dataclass(frozen=True, eq=False)
class Mended:
    """A label map as it is, or as a repair would make it.

    Attributes:
        volume: its ids; of colours, 65536 red + 256 green + blue.
        repair: what has to be done; None where nothing has.
        message: what was found, if anything.
        remedy: what to do about it.
    """

    volume: Volume
    repair: Repair | None = None
    message: str = ""
    remedy: str = ""


def read_or_mend(path: Path, classes: Container[int] | None = None) -> Mended:
    """Read a label map, or what can safely be made one.

    Args:
        path: the file, or a folder of masks.
        classes: the ids there may be, where they are known: no colour has one of them.

    Raises:
        InputError: as `read_label_volume`, where nothing safe can be made of the file.
    """
    try:
        return Mended(read_label_volume(path))
    except InputError as error:
        wrong = error
    with suppress(InputError):
        message, remedy = "holds fractions near whole numbers", "have them rounded (--fix OUT)"
        return Mended(read_label_volume(path, within=NEAR), "round", message, remedy)
    colours = read_colours(path) if classes is None else None
    found = () if colours is None else np.unique(colours.array).tolist()
    if colours is None or len(found) > MOST_COLOURS:
        raise wrong
    shown = f"{', '.join(map(colour_name, found[:6]))}{' ...' if len(found) > 6 else ''}"
    message = f"holds {len(found)} colours ({shown}), no ids"
    return Mended(colours, "colours", message, "have them made ids, black 0 (--fix OUT)")


def reference(case: Case) -> Path:
    """The channel whose grid the others are to be resampled to: the label's, else the first."""

    def place(path: Path) -> Volume:
        header = read_volume_header(path)
        return Volume(np.broadcast_to(np.uint8(0), (1, *header.grid)), header.affine)

    with suppress(InputError):
        label = place(case.label)
        for image in case.images:
            if apart(place(image), label) <= MISPLACED:
                return image
    return case.images[0]


def read_mended(path: Path, names: Iterable[str], colours: Mapping[int, int]) -> Volume:
    """The label map in a file, with whatever `read_or_mend` says has to be done.

    Args:
        path: the file, or a folder of masks.
        names: of the structures that have the ids 1, 2, ... where it is such a folder.
        colours: the id of every colour.
    """
    if find_volume_format(path) is MASKS:
        found = structures(path)
        return paint([found.get(name) for name in names])
    mended = read_or_mend(path)
    if mended.repair != "colours":
        return mended.volume
    known = np.array(sorted(colours))
    ids = np.array([colours[one] for one in known.tolist()], np.uint8)
    return Volume(ids[np.searchsorted(known, mended.volume.array)], mended.volume.affine)


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
