"""Where people live and work: quarters, villages, farms, industry."""

from __future__ import annotations

from volseg.synthetic.airborne.towns import blocks, grounds, homes, labour
from volseg.synthetic.airborne.woods.places import Fill

TOWNS: dict[str, Fill] = {
    "detached": homes.detached,
    "rows": homes.rows,
    "village": homes.village,
    "allotments": homes.allotments,
    "blocks": blocks.blocks,
    "slabs": blocks.slabs,
    "towers": blocks.towers,
    "centre": blocks.centre,
    "halls": labour.halls,
    "industry": labour.industry,
    "farm": labour.farm,
    "greenhouses": labour.greenhouses,
    "car_park": labour.car_park,
    "sports": grounds.sports,
    "campsite": grounds.campsite,
    "cemetery": grounds.cemetery,
    "solar": grounds.solar,
}
"""Kinds of settlement, and what fills an area with each."""
