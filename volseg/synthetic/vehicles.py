"""Cars and vans: cross-sections joined along the length."""

from __future__ import annotations

import numpy as np

from volseg.synthetic.facets import Facets, Floats, discs, join, quads, rod
from volseg.synthetic.labels import Label, Material, Skin

GLASS = Skin(Label.VEHICLE, Material.GLASS)
TYRE = Skin(Label.VEHICLE, Material.RUBBER)
TINTED = Skin(Label.VEHICLE, Material.SCREEN)
RIM = Skin(Label.VEHICLE, Material.METAL)

# Length, width, then stations from front to back as (place along the length, height of the
# waist, height of the top), in metres but for the place.
_BODIES: dict[str, tuple[float, float, tuple[tuple[float, float, float], ...]]] = {
    "hatchback": (4.0, 1.75, (
        (0.00, 0.62, 0.62), (0.05, 0.74, 0.74), (0.25, 0.93, 0.93), (0.43, 0.93, 1.44),
        (0.70, 0.95, 1.48), (0.88, 0.98, 1.38), (0.98, 1.00, 1.00), (1.00, 0.62, 0.62))),
    "saloon": (4.7, 1.82, (
        (0.00, 0.60, 0.60), (0.05, 0.72, 0.72), (0.27, 0.92, 0.92), (0.42, 0.92, 1.40),
        (0.62, 0.94, 1.42), (0.80, 0.98, 1.00), (0.97, 0.98, 0.98), (1.00, 0.65, 0.65))),
    "estate": (4.7, 1.82, (
        (0.00, 0.60, 0.60), (0.05, 0.74, 0.74), (0.26, 0.94, 0.94), (0.40, 0.94, 1.44),
        (0.60, 0.95, 1.49), (0.92, 0.97, 1.42), (0.98, 0.97, 0.97), (1.00, 0.62, 0.62))),
    "suv": (4.6, 1.90, (
        (0.00, 0.75, 0.75), (0.04, 0.95, 0.95), (0.25, 1.10, 1.10), (0.38, 1.10, 1.66),
        (0.65, 1.12, 1.72), (0.92, 1.14, 1.62), (0.98, 1.10, 1.10), (1.00, 0.75, 0.75))),
    "van": (5.4, 2.02, (
        (0.00, 0.80, 0.80), (0.03, 1.05, 1.05), (0.15, 1.25, 1.25), (0.29, 1.25, 2.20),
        (0.45, 1.30, 2.35), (0.97, 1.30, 2.35), (0.99, 1.30, 2.25), (1.00, 0.70, 0.70))),
    "minibus": (4.9, 1.95, (
        (0.00, 0.75, 0.75), (0.03, 0.98, 0.98), (0.14, 1.10, 1.10), (0.30, 1.10, 1.88),
        (0.50, 1.12, 1.97), (0.94, 1.12, 1.93), (0.98, 1.10, 1.10), (1.00, 0.70, 0.70))),
    "pickup": (5.3, 1.92, (
        (0.00, 0.75, 0.75), (0.04, 0.98, 0.98), (0.24, 1.12, 1.12), (0.34, 1.12, 1.75),
        (0.56, 1.12, 1.78), (0.62, 1.12, 1.14), (0.99, 1.12, 1.12), (1.00, 0.75, 0.75))),
    "truck": (8.0, 2.45, (
        (0.00, 1.00, 1.00), (0.01, 1.40, 2.60), (0.05, 1.50, 2.80), (0.22, 1.50, 2.85),
        (0.25, 1.50, 3.30), (0.97, 1.50, 3.30), (0.99, 1.50, 3.25), (1.00, 0.90, 0.90))),
    "bus": (11.5, 2.50, (
        (0.00, 0.80, 0.80), (0.01, 1.10, 2.70), (0.04, 1.20, 3.00), (0.30, 1.20, 3.05),
        (0.60, 1.20, 3.05), (0.97, 1.20, 3.05), (0.99, 1.20, 2.90), (1.00, 0.80, 0.80))),
}  # fmt: skip
BODIES = tuple(_BODIES)
COMMON = (0.24, 0.18, 0.15, 0.2, 0.07, 0.05, 0.07, 0.025, 0.015)
"""How often each of `BODIES` is parked."""
BOXES = ("van", "truck")


def vehicle(rng: np.random.Generator, body: str) -> Facets:
    """A car or van, its middle at the origin, its nose towards x < 0, its wheels on z = 0."""
    length, width, stations = _BODIES[body]
    place, waist, top = np.array(stations).T
    length, width = length * rng.uniform(0.88, 1.1), width * rng.uniform(0.94, 1.06)
    gaps = np.diff(place) * rng.uniform(0.8, 1.2, len(place) - 1)
    place = np.concatenate(([0.0], np.cumsum(gaps) / gaps.sum()))
    low = rng.uniform(0.92, 1.1)
    waist, top = waist * low, top * low * rng.uniform(0.96, 1.04)
    top = np.maximum(top, waist)
    dark = rng.random() < 0.45
    paint = Skin(Label.VEHICLE, Material.DARK_PAINT if dark else Material.PAINT)
    x = (place - 0.5) * length
    # The nose and the tail are narrower, and so is the roof.
    taper = np.interp(place, (0, 0.08, 0.92, 1), (0.82, 1.0, 1.0, 0.9)) * width / 2
    roof = taper * np.where(top > waist + 0.2, 0.82 if body not in (*BOXES, "bus") else 0.94, 0.96)
    panes = body not in BOXES
    glass = GLASS if rng.random() < 0.6 else TINTED
    parts = [*_shell(x, waist, top, taper, roof, (paint, glass), panes)]
    for axle in (min(0.19, 1.3 / length), max(0.81, 1 - 2.4 / length)):
        for side in (-1, 1):
            parts += _wheel((axle - 0.5) * length, side * (width / 2 - 0.02), side)
    return join(parts).as_object()


def _shell(
    x: Floats,
    waist: Floats,
    top: Floats,
    half: Floats,
    roof: Floats,
    skins: tuple[Skin, Skin],
    panes: bool,
) -> list[Facets]:
    """Paint and glass between stations: sides to the waist, cabin above, top, nose and tail."""
    paint, glass = skins
    floor = np.full_like(x, 0.22)
    cabin = (np.maximum(top - waist, 0)[:-1] + np.maximum(top - waist, 0)[1:]) > 0.2
    steep = np.abs(np.diff(top)) > 0.35  # windscreen and rear screen
    if not panes:  # a van has glass in front only
        steep[3:] = False
    parts = []
    for side in (-1, 1):
        low, mid = np.stack((x, side * half, floor), 1), np.stack((x, side * half, waist), 1)
        high = np.stack((x, side * roof, top), 1)
        parts.append(quads(low[:-1], low[1:], mid[1:], mid[:-1], paint))
        glazed = cabin & (panes | (np.arange(len(cabin)) < 4))
        for rows, skin in ((glazed, glass), (~glazed, paint)):
            i = np.flatnonzero(rows)
            parts.append(quads(mid[i], mid[i + 1], high[i + 1], high[i], skin))
    left, right = np.stack((x, roof, top), 1), np.stack((x, -roof, top), 1)
    for rows, skin in ((steep, glass), (~steep, paint)):
        i = np.flatnonzero(rows)
        parts.append(quads(left[i], left[i + 1], right[i + 1], right[i], skin))
    for end in (0, -1):
        a, b, c, d = (
            np.array([[x[end], side * half[end], z]])
            for side, z in ((1, 0.22), (1, top[end]), (-1, top[end]), (-1, 0.22))
        )
        parts.append(quads(a, b, c, d, paint))
    return parts


def _wheel(x: float, y: float, side: int) -> list[Facets]:
    radius, wide = 0.32, 0.2
    return [
        rod((x, y, radius), (x, y - side * wide, radius), radius, TYRE, sides=10),
        discs((x, y, radius), (radius, 0, 0), (0, 0, radius), TYRE),
        discs((x, y + side * 0.01, radius), (0.2, 0, 0), (0, 0, 0.2), RIM),
    ]
