"""Letters stand in the world where they say: right of everything, in front of it, above it."""

from __future__ import annotations

import numpy as np
import pytest

from volseg.geometry.volume import Volume
from volseg.view.scene import Look, Mesh
from volseg.view.volumes.aligned import AlignedVolumes
from volseg.view.volumes.glyphs import STROKES, letters
from volseg.view.volumes.scene import VolumeScene

GRID = (20, 30, 24)
LPS = np.array([[-1.5, 0, 0, 40], [0, -1, 0, 7], [0, 0, 2, -9], [0, 0, 0, 1.0]])


@pytest.mark.parametrize("affine", [LPS, np.eye(4)])
def test_letters_stand_beyond_the_slices_on_the_side_they_name(affine: np.ndarray) -> None:
    labels = np.zeros(GRID, dtype=np.uint8)
    labels[5:15, 8:20, 6:18] = 1
    scene = VolumeScene(AlignedVolumes("a", labels=Volume(labels[None], affine)))
    *slices, lettered = scene.parts(Look("class", frozenset({0})))
    edges = np.concatenate([one.xyz for one in slices])
    assert isinstance(lettered, Mesh)
    beyond = np.split(lettered.xyz, np.cumsum([4 * len(STROKES[one]) for one in "LRPAI"]))
    for letter, xyz in zip("LRPAIS", beyond, strict=True):
        axis, upper = "LRPAIS".index(letter) // 2, letter in "RAS"
        if upper:
            assert xyz[:, axis].min() > edges[:, axis].max()
        else:
            assert xyz[:, axis].max() < edges[:, axis].min()


def test_letters_are_read_from_the_front() -> None:
    """A person's right is on the left of who faces them: so runs the foot of their L."""
    low, high = np.zeros(3), np.full(3, 10.0)
    made = letters(low, high, [(1, 5.0, (-1.0, 1.0))], np.eye(4))
    foot = made.xyz[4:8]
    assert foot[:, 0].min() < made.xyz[:4, 0].min()
    assert foot[:, 2].max() < made.xyz[:4, 2].max()
    assert np.allclose(made.xyz[:, 1], 5)


def test_slices_that_are_not_drawn_and_pictures_have_no_letters() -> None:
    labels = np.zeros(GRID, dtype=np.uint8)
    labels[5:15, 8:20, 6:18] = 1
    volume = Volume(labels[None], np.eye(4))
    hidden = frozenset({0})
    scene = VolumeScene(AlignedVolumes("a", labels=volume))
    assert scene.parts(Look("class", hidden, slices="none")) == []
    assert len(scene.parts(Look("class", hidden, slices="lying"))) == 2
    picture = VolumeScene(AlignedVolumes("a", labels=volume, unit="pixels"))
    assert len(picture.parts(Look("class", hidden))) == 3
