"""Vehicles as they are seen from the air."""

from __future__ import annotations

import numpy as np

from volseg.synthetic.facets import Facets
from volseg.synthetic.labels import Material
from volseg.synthetic.vehicles import BODIES, COMMON, vehicle

SMALL = BODIES[:7]
"""All but trucks and buses."""


def fleet(rng: np.random.Generator, count: int, bodies: tuple[str, ...] = SMALL) -> list[Facets]:
    """Vehicles of the bodies that are common, without what no one sees from above."""
    shares = np.array([COMMON[BODIES.index(body)] for body in bodies])
    chosen = rng.choice(bodies, count, p=shares / shares.sum())
    return [_shell(vehicle(rng, str(body))) for body in chosen]


def _shell(made: Facets) -> Facets:
    """A vehicle without wheels, which hide under it."""
    seen = ~np.isin(made.material, (Material.RUBBER, Material.METAL))
    return Facets(*(column[seen] for column in vars(made).values()))
