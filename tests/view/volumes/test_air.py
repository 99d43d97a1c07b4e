"""Where slices of an image without labels stand: through the middle of what is not air."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from volseg.geometry.volume import Volume
from volseg.view.scene import Look, Mesh
from volseg.view.volumes.air import content_box
from volseg.view.volumes.aligned import AlignedVolumes
from volseg.view.volumes.scene import VolumeScene

GRID = (80, 100, 60)
LOW, HIGH = np.array([10, 50, 5]), np.array([40, 90, 35])


def head(air: float, tissue: float, noise: float) -> NDArray[np.float64]:
    """A ball that lies in a corner of much air."""
    cells = np.stack(np.meshgrid(*map(np.arange, GRID), indexing="ij"), axis=-1)
    far = (cells - (LOW + HIGH - 1) / 2) / (HIGH - LOW)
    inside = (far**2).sum(axis=-1) < 0.25
    return np.where(inside, tissue, air) + np.random.default_rng(0).normal(0, noise, GRID)


@pytest.mark.parametrize(
    ("air", "tissue", "noise"), [(0, 1, 0), (0, 900, 25), (-1000, 40, 60), (-3.1, -0.2, 0.2)]
)
def test_the_box_is_around_what_is_not_air(air: float, tissue: float, noise: float) -> None:
    low, high = content_box(head(air, tissue, noise))
    assert np.abs(low - LOW).max() <= 4
    assert np.abs(high - HIGH).max() <= 4


def test_padding_darker_than_air_and_a_glint_change_little() -> None:
    image = head(-1000, 40, 30)
    image[:, :6] = -3024
    image[70, 5, 55] = 30_000
    low, high = content_box(image)
    assert np.abs(low - LOW).max() <= 4
    assert np.abs(high - HIGH).max() <= 4


@pytest.mark.parametrize("value", [0.0, 7.0, np.nan])
def test_an_image_of_one_shade_is_seen_whole(value: float) -> None:
    assert content_box(np.full((5, 6, 7), value)).tolist() == [[0, 0, 0], [5, 6, 7]]


def test_slices_without_labels_cross_in_the_middle_of_it() -> None:
    image = Volume(head(0, 900, 20)[None].astype(np.float32), np.eye(4))
    nothing = Volume(np.zeros((1, *GRID), np.uint8), np.eye(4))
    for case in (
        AlignedVolumes("a", image=image),
        AlignedVolumes("a", image=image, labels=nothing),
    ):
        scene = VolumeScene(case)
        slices = scene.parts(Look("intensity"))[:3]  # the letters of sides come after them
        middle = (LOW + HIGH - 1) / 2
        for axis, part in enumerate(slices):
            assert isinstance(part, Mesh)
            assert part.xyz[0, axis] == pytest.approx(middle[axis], abs=2.5)
            bright = (part.colours > 100).all(axis=1).mean()
            assert bright > 0.3  # the body, not a black box
