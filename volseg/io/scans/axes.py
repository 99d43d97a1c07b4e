"""Which columns of a table are coordinates, by the names that surveyors give them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

# Words before letters, which may stand for something else beside them: n,easting,northing.
EAST = (
    "easting", "eastings", "east", "est", "este", "leste", "ost", "oost", "rechtswert", "rechts",
    "ostwert", "e",
)  # fmt: skip
NORTH = (
    "northing", "northings", "north", "nord", "norte", "noord", "norr", "hochwert", "hoch",
    "nordwert", "n",
)  # fmt: skip
UP = (
    "z", "elevation", "elev", "ele", "el", "height", "altitude", "alt", "h", "hohe", "hoehe",
    "hoogte", "hojd", "hoyde", "altitud", "altura", "elevacion", "elevacao", "elevazione", "cota",
    "cote", "quota", "level", "rl",
)  # fmt: skip
LONGITUDE = ("longitude", "longitud", "longitudine", "lon", "long", "lng", "langengrad")
LATITUDE = ("latitude", "latitud", "latitudine", "lat", "breitengrad")
# Words around a name that say nothing more: POINT_X, y-coord, Easting (m).
AROUND = {"point", "pos", "position", "coord", "coordinate", "coordinates", "koordinate", "m", "ft"}


@dataclass(frozen=True)
class Axes:
    """Columns of the coordinates.

    Attributes:
        xyz: names of the columns of x, y and z.
        degrees: whether x and y are called longitude and latitude.
    """

    xyz: tuple[str, str, str]
    degrees: bool = False


def find_axes(names: Sequence[str]) -> Axes | None:
    """The columns of x, y and z, by names of one kind for x and y; None where there are none."""
    plain: dict[str, str] = {}
    for name in names:
        plain.setdefault(_plain(name), name)
    up = next((plain[one] for one in UP if one in plain), None)
    for xs, ys in ((("x",), ("y",)), (EAST, NORTH), (LONGITUDE, LATITUDE)):
        x, y = (next((plain[one] for one in known if one in plain), None) for known in (xs, ys))
        if x is not None and y is not None and up is not None:
            return Axes((x, y, up), xs is LONGITUDE)
    return None


def _plain(name: str) -> str:
    """A name in lower case, without accents, units and the words around it."""
    folded = unicodedata.normalize("NFKD", re.sub(r"[(\[].*?[)\]]", " ", name)).casefold()
    words = re.findall(
        r"[^\W\d_]+",
        "".join(character for character in folded if not unicodedata.combining(character)),
    )
    kept = [word for word in words if word not in AROUND] if len(words) > 1 else words
    return "" if re.search(r"\d", folded) else " ".join(kept)
