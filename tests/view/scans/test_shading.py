"""Depth made visible: edges are darker, and neither scale nor direction matters."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from volseg.view.scans.shading import STRENGTH, shade

FOCAL, SIDE = 500.0, 40
WHITE = np.ones((SIDE, SIDE, 3), dtype=np.float32)


def step(near: float, far: float) -> NDArray[np.float32]:
    """A near half beside a far one."""
    depth = np.full((SIDE, SIDE), far, dtype=np.float32)
    depth[:, : SIDE // 2] = near
    return depth


def test_a_plain_surface_keeps_its_colours() -> None:
    level = np.full((SIDE, SIDE), 9, dtype=np.float32)
    assert np.array_equal(shade(WHITE, level, FOCAL, 2), WHITE)


def test_what_lies_behind_an_edge_is_darker_and_nothing_else() -> None:
    shaded = shade(WHITE, step(5, 10), FOCAL, 2)[..., 0]
    assert (shaded[:, : SIDE // 2] == 1).all()
    assert (shaded[:, SIDE // 2 : SIDE // 2 + 2] < 0.9).all()
    assert (shaded[:, SIDE // 2 + 2 :] == 1).all()
    assert shaded.min() >= 1 - STRENGTH


@pytest.mark.parametrize("scale", [0.01, 100.0])
def test_the_scale_of_a_scene_does_not_matter(scale: float) -> None:
    plain, other = (shade(WHITE, step(5 * s, 10 * s), FOCAL, 2) for s in (1.0, scale))
    assert np.allclose(plain, other, atol=1e-5)


def test_paper_stays_paper() -> None:
    assert np.array_equal(shade(WHITE, np.zeros((SIDE, SIDE), np.float32), FOCAL, 2), WHITE)
    assert (shade(WHITE, step(5, 0), FOCAL, 2)[:, SIDE // 2 :] == 1).all()
