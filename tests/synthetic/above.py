"""What is seen from straight above."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from volseg.synthetic.facets import DISC, TRIANGLE, Facets, Floats


def seen(facets: Facets, x: Floats, y: Floats) -> tuple[Floats, NDArray[np.int64]]:
    """Height of the highest facet over each place and which it is, (n,); minus infinity and -1."""
    top, which = np.full(len(x), -np.inf), np.full(len(x), -1)
    place = np.stack((x, y), axis=1)
    for number in range(len(facets)):
        anchor, u, v = facets.anchor[number], facets.u[number], facets.v[number]
        det = u[0] * v[1] - u[1] * v[0]
        if abs(det) < 1e-12:
            continue
        off = place - anchor[:2]
        a, b = (
            (off[:, 0] * v[1] - off[:, 1] * v[0]) / det,
            (off[:, 1] * u[0] - off[:, 0] * u[1]) / det,
        )
        if facets.outline[number] == TRIANGLE:
            hit = (a >= -1e-9) & (b >= -1e-9) & (a + b <= 1 + 1e-9)
        elif facets.outline[number] == DISC:
            hit = a * a + b * b <= 1
        else:
            hit = (np.abs(a) <= 1 + 1e-9) & (np.abs(b) <= 1 + 1e-9)
        z = anchor[2] + a * u[2] + b * v[2]
        higher = hit & (z > top)
        top, which = np.where(higher, z, top), np.where(higher, number, which)
    return top, which
