"""Grounds, devices and rays to test with."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from volseg.synthetic.airborne.devices import Device, draw_device
from volseg.synthetic.airborne.terrain import Terrain
from volseg.synthetic.labels import Material


def ground(z: np.ndarray, cell: float = 1.0) -> Terrain:
    """Grass of heights (nx, ny) with its middle at the origin."""
    nx, ny = z.shape
    corner = (-(nx - 1) * cell / 2, -(ny - 1) * cell / 2)
    cover = np.full(z.shape, Material.GRASS, dtype=np.int8)
    return Terrain(np.asarray(z, dtype=float), cover, np.zeros(z.shape, dtype=bool), cell, corner)


def flat(size: int = 101) -> Terrain:
    """Level ground at height 0."""
    return ground(np.zeros((size, size)))


def device(**changes: object) -> Device:
    """A usual device without noise or strays that notices everything, changed."""
    usual = draw_device(np.random.default_rng(0), "linear", 4.0)
    clean = replace(usual, noise=1e-6, stray=0.0, weakest=1e-9, offset=0.0, height=800.0)
    return replace(clean, **changes)  # type: ignore[arg-type]
