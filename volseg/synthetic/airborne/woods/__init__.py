"""What grows on land: stands of trees, and fields."""

from __future__ import annotations

from volseg.synthetic.airborne.woods import fields, stands
from volseg.synthetic.airborne.woods.places import Fill

WOODS: dict[str, Fill] = {
    "broadleaf": stands.broadleaf,
    "mixed": stands.mixed,
    "pine": stands.pine,
    "plantation": stands.plantation,
    "understorey": stands.understorey,
    "dead": stands.dead,
    "tropical": stands.tropical,
    "orchard": fields.orchard,
    "vineyard": fields.vineyard,
    "shrubs": fields.shrubs,
    "crops": fields.crops,
    "hedgerow": fields.hedgerow,
    "meadow": fields.meadow,
}
"""Kinds of growth, and what fills an area with each."""
