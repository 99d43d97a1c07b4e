"""How far facets reach."""

from __future__ import annotations

import numpy as np

from volseg.synthetic.facets import DISC, TRIANGLE, Facets, Floats


def extent(facets: Facets) -> tuple[Floats, Floats]:
    """Lowest and highest corner, (3,) each, of the box that facets fill."""
    triangle = facets.outline == TRIANGLE
    disc = (facets.outline == DISC)[:, None]
    reach = np.where(disc, np.hypot(facets.u, facets.v), np.abs(facets.u) + np.abs(facets.v))
    low, high = facets.anchor - reach, facets.anchor + reach
    steps = np.stack((0 * facets.u, facets.u, facets.v))[:, triangle]
    low[triangle] = (facets.anchor[triangle] + steps).min(axis=0)
    high[triangle] = (facets.anchor[triangle] + steps).max(axis=0)
    return low.min(axis=0), high.max(axis=0)


def is_one_object(facets: Facets) -> bool:
    return bool((facets.instance == 1).all())
