"""Random strips to test with."""

from __future__ import annotations

import numpy as np

from volseg.synthetic.scanners.strip import Strip


def random_strip(rng: np.random.Generator, count: int = 900) -> Strip:
    """Rays from 20 m above the origin or so, in a random direction of flight, on a bent scan."""
    aside = rng.uniform(-0.6, 0.6, count)
    way = float(rng.choice([-1.0, 1.0]))

    def bend(t: np.ndarray) -> np.ndarray:
        return np.asarray(way * np.sqrt(np.maximum(0.5 - t**2, 0)))

    ahead = bend(aside) + rng.uniform(-0.01, 0.01, count)
    along = rng.uniform(-30, 30, count)
    heading = rng.uniform(-4, 4)
    return Strip((2.0, 1.0, 20.0), heading, along, ahead, aside, bend, 0.01, reach=80.0)
