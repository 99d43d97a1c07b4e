"""Colours of classes by what they are called: ground is brown and water blue, in every picture."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from volseg.geometry.colours import PALETTE, default_colour, rgb

# What classes of scans are called, the more particular first, and the colour of each kind. With
# `SPARE`, they were searched for: readers of any colour vision tell all of them apart.
KINDS: dict[str, tuple[str, ...]] = {
    "#FF3AF9": ("noise", "outlier", "artefact", "artifact"),
    "#ACF990": (
        "low vegetation", "low veg", "lowveg", "ground vegetation", "grass", "lawn", "shrub",
        "bush", "hedge",
    ),
    "#4E9A51": ("medium vegetation", "mid vegetation", "medium veg", "medveg"),
    "#15692E": ("vegetation", "veg", "highveg", "tree", "forest", "canopy", "plant"),
    "#C50C68": ("vehicle", "car", "truck", "van", "bus", "motorcycle"),
    "#F7F51C": ("wire", "cable", "conductor", "powerline", "power line", "utility line"),
    "#F2C14E": (
        "pole", "pylon", "mast", "tower", "furniture", "sign", "traffic light", "street light",
        "lamp",
    ),
    "#5B3A8C": ("bridge", "viaduct"),
    "#400000": ("rail", "railway", "railroad", "track"),
    "#D55E00": ("building", "house", "roof", "facade", "wall", "structure"),
    "#3D7DD8": ("water", "river", "lake", "sea"),
    "#6C7481": (
        "road", "street", "asphalt", "pavement", "sidewalk", "parking", "man made terrain",
    ),
    "#C9B28E": ("ground", "terrain", "soil", "bare earth"),
    "#999999": (
        "other", "else", "rest", "unclassified", "unlabelled", "unlabeled", "unassigned", "unknown",
        "misc", "miscellaneous", "clutter",
    ),
}  # fmt: skip
# For other classes beside them; these are neither green, blue as water, nor brown.
SPARE = ("#52AAC5", "#FFC5CE", "#000099", "#210033", "#DAD6FF")
# Lighter and darker, for a second and a third class of one kind: a share of white, or of black.
SHADES = ((255, 0.5), (0, 0.4))


def class_colours(classes: Sequence[tuple[str, str | None]]) -> tuple[str, ...]:
    """A colour for every class, ``#RRGGBB``, none twice but where they were given so.

    Where no name is known, classes without a colour have those of `default_colour`.

    Args:
        classes: names, and the colours that somebody gave them.
    """
    kinds = [kind_colour(name) for name, _ in classes]
    taken = {given.upper() for _, given in classes if given}
    colours = [
        given or (_first_free(_shades(kind), taken) if kind else "")
        for (_, given), kind in zip(classes, kinds, strict=True)
    ]
    for number, colour in enumerate(colours):
        if not colour:
            own = SPARE if any(kinds) else (default_colour(number), *PALETTE)
            colours[number] = _first_free(own, taken)
    return tuple(colours)


def kind_colour(name: str) -> str | None:
    """The colour of the kind of class that a name tells, ``#RRGGBB``; None where it tells none."""
    words = re.findall(r"[a-z]+", re.sub(r"([a-z])([A-Z])", r"\1 \2", name).lower())
    forms = {
        form for word in words for form in (word, word.removesuffix("s"), word.removesuffix("es"))
    }
    for colour, names in KINDS.items():
        if any(set(phrase.split()) <= forms for phrase in names):
            return colour
    return None


def _shades(colour: str) -> list[str]:
    mixed = [
        [round((1 - share) * channel + share * end) for channel in rgb(colour)]
        for end, share in SHADES
    ]
    return [colour, *("#" + bytes(channel).hex().upper() for channel in mixed), *SPARE]


def _first_free(colours: Iterable[str], taken: set[str]) -> str:
    """The first colour that no other class has, which it has from now on."""
    beyond = (default_colour(number) for number in range(len(PALETTE), len(PALETTE) + 10_000))
    colour = next(colour for group in (colours, beyond) for colour in group if colour not in taken)
    taken.add(colour)
    return colour
