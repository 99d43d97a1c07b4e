"""What land is used for: towns, farms, woods, and which of them lie on which terrain."""

from __future__ import annotations

from dataclasses import dataclass

from volseg.synthetic.airborne.blocks import Division
from volseg.synthetic.airborne.kinds import Relief


@dataclass(frozen=True)
class Theme:
    """A use of land.

    Attributes:
        division: how it is cut into blocks.
        fills: how often each kind of `TOWNS` and `WOODS` fills a block.
        borders: how often each kind of border stands along a cut without a street.
        courses: how often rivers, railways and the like run through.
        glades: how often plants keep to patches that do not end where blocks do.
    """

    division: Division
    fills: dict[str, float]
    borders: dict[str, float]
    courses: dict[str, float]
    glades: float = 0.0


_LINES = {"river": 0.15, "rail": 0.12, "motorway": 0.1, "road": 0.15, "power": 0.12}
_COUNTRY = {**_LINES, "road": 0.45}
THEMES = {
    "city": Theme(
        Division(95, 0.95, (6, 12)),
        {"blocks": 3, "centre": 2, "rows": 1.5, "towers": 1, "slabs": 1, "car_park": 0.7,
         "halls": 0.4, "meadow": 0.4, "broadleaf": 0.4, "sports": 0.3, "cemetery": 0.2},
        {"wall": 2, "fence": 1, "": 2},
        {**_LINES, "canal": 0.2, "rail": 0.2},
    ),
    "suburb": Theme(
        Division(90, 0.9, (4.5, 8)),
        {"detached": 4, "rows": 3, "slabs": 0.7, "allotments": 0.6, "car_park": 0.3,
         "meadow": 0.5, "broadleaf": 0.5, "towers": 0.3, "sports": 0.5, "cemetery": 0.25},
        {"hedge": 2, "fence": 2, "wall": 1, "": 1},
        _LINES,
    ),
    "village": Theme(
        Division(110, 0.8, (3.5, 7)),
        {"village": 3, "detached": 2, "farm": 1.5, "meadow": 1, "orchard": 0.7, "crops": 1,
         "hedgerow": 0.5, "mixed": 0.6, "sports": 0.3, "cemetery": 0.3, "campsite": 0.3},
        {"hedge": 2, "fence": 1.5, "wall": 1, "": 1},
        _COUNTRY,
    ),
    "industry": Theme(
        Division(140, 0.85, (7, 12)),
        {"halls": 3, "industry": 3, "car_park": 1.5, "greenhouses": 0.7, "meadow": 0.7,
         "shrubs": 0.7, "solar": 0.5},
        {"fence": 4, "wall": 1, "": 1},
        {**_LINES, "rail": 0.35, "power": 0.35, "canal": 0.15},
    ),
    "farmland": Theme(
        Division(170, 0.4, (3, 5)),
        {"crops": 4, "meadow": 3, "farm": 1, "hedgerow": 1, "orchard": 0.8, "vineyard": 0.5,
         "broadleaf": 0.7, "plantation": 0.4, "greenhouses": 0.4, "solar": 0.4},
        {"hedge": 2, "fence": 2, "ditch": 2, "avenue": 1, "": 3},
        {**_COUNTRY, "power": 0.3, "motorway": 0.15},
        glades=0.3,
    ),
    "forest": Theme(
        Division(190, 0.35, (2.5, 4.5)),
        {"broadleaf": 3, "mixed": 3, "pine": 2, "plantation": 2, "understorey": 2, "dead": 0.5,
         "tropical": 1, "meadow": 0.4, "shrubs": 0.6},
        {"ditch": 1, "": 6},
        {**_COUNTRY, "river": 0.2},
        glades=0.6,
    ),
    "terraced": Theme(
        Division(120, 0.4, (2.5, 4)),
        {"vineyard": 3, "orchard": 2, "crops": 2, "meadow": 1.5, "village": 0.8, "shrubs": 1,
         "broadleaf": 0.7},
        {"wall": 2, "": 3},
        _COUNTRY,
        glades=0.3,
    ),
    "wild": Theme(
        Division(160, 0.2, (2, 4)),
        {"shrubs": 3, "meadow": 3, "pine": 1, "broadleaf": 0.7, "mixed": 0.7, "dead": 0.3},
        {"fence": 1, "": 6},
        {"river": 0.15, "power": 0.08, "road": 0.3},
        glades=0.8,
    ),
}  # fmt: skip
"""Uses of land by name."""

SLOPES: dict[str, float] = {
    "broadleaf": 2, "mixed": 3, "pine": 2, "understorey": 1, "dead": 0.3, "shrubs": 1.5,
    "meadow": 1.5,
}  # fmt: skip
"""What grows where it is too steep for anything else."""

USES: dict[Relief, dict[str, float]] = {
    "plain": {"city": 2, "suburb": 2, "village": 1, "industry": 1.5, "farmland": 1.5, "forest": 1},
    "hills": {"suburb": 1.5, "village": 2, "farmland": 1.5, "forest": 2, "city": 1,
              "industry": 0.5},
    "steep": {"forest": 3, "village": 1.5, "wild": 1.5, "farmland": 0.4},
    "terraces": {"terraced": 4, "village": 1, "farmland": 0.5, "forest": 0.5},
    "quarry": {"wild": 3, "forest": 1, "industry": 0.5},
    "cliffs": {"wild": 2, "forest": 2, "village": 0.7},
    "dykes": {"farmland": 3, "village": 1, "suburb": 0.7, "industry": 0.7},
    "coast": {"wild": 2, "suburb": 1, "village": 1, "forest": 0.5},
}  # fmt: skip
"""How often land of a terrain is put to each use."""
