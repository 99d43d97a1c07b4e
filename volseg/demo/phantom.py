"""Made-up abdomens: organs of random place, size and shape, in noise under a shaded field."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import nibabel
import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.ndimage import gaussian_filter, zoom

from volseg.io.atomic import make_folder

GRID, SPACING = (84, 60, 56), 4.0
"""Voxels right, anterior and superior, and millimetres between them."""
KNOTS = 5
"""Random displacements along each axis, between which everything is bent smoothly."""
# Brightness as in a CT with contrast. Organs overlap each other and what has no class.
AIR, FAT, FLESH, DISC = -300.0, -90.0, 55.0, 90.0
ORGANS = {"spine": 260.0, "aorta": 210.0, "kidneys": 160.0, "liver": 105.0, "spleen": 125.0}
"""Classes by brightness, their ids 1 and up in this order."""

Array = NDArray[np.float64]


def write_abdomens(folder: Path, seeds: Sequence[int]) -> None:
    """Write ``images`` and ``labels`` of one abdomen a seed, NIfTI, into a folder."""
    affine = np.diag([SPACING, SPACING, SPACING, 1.0])
    for seed in seeds:
        image, labels = make_abdomen(seed, GRID)
        for name, array in (("images", image), ("labels", labels)):
            make_folder(folder / name)
            file = folder / name / f"abdomen_{seed:02d}.nii.gz"
            nibabel.save(nibabel.Nifti1Image(array, affine), file)


def make_abdomen(
    seed: int, grid: tuple[int, int, int]
) -> tuple[NDArray[np.int16], NDArray[np.uint8]]:
    """An image and its classes, both of that grid, `SPACING` apart; a seed gives one abdomen."""
    random = np.random.default_rng(seed)
    place = _bent(grid, random).astype(np.float32)

    def blob(middle: ArrayLike, radii: ArrayLike) -> NDArray[np.bool_]:
        """An ellipsoid of about that middle and radii, millimetres."""
        moved = np.array(middle) + random.normal(scale=5.0, size=3)
        sizes = np.array(radii) * random.uniform(0.85, 1.15, size=3)
        axes = zip(place, moved.tolist(), sizes.tolist(), strict=True)
        return np.asarray(sum(((one - at) / size) ** 2 for one, at, size in axes) < 1)

    x, _, z = place
    image = np.full(grid, AIR)
    image[blob((0, 0, 0), (150, 105, 1e4))] = FAT
    image[blob((0, 2, 0), (135, 90, 1e4))] = FLESH
    image[blob((0, 10, 0), (118, 66, 1e4))] = FAT + 45
    for _ in range(14):  # bowel, stomach, muscle: they look like organs and are none
        middle = random.uniform((-80, 0, -120), (80, 60, 20))
        image[blob(middle, random.uniform(10, 24, 3))] = random.uniform(-20, 100)
    image[blob((-45, 35, 45), (38, 26, 45))] = 35  # the stomach
    spine = blob((0, -58, 0), (24, 20, 1e4))
    masks = {
        "liver": blob((55, 8, 45), (72, 68, 72)) & (z > 0.45 * (40 - x) - 20) & (x > 8),
        "spleen": blob((-92, -30, 40), (26, 36, 46)),
        "kidneys": blob((58, -40, -25), (24, 26, 52)) | blob((-58, -40, -15), (24, 26, 52)),
        "aorta": blob((-8, -32, 0), (10, 10, 1e4)),
        "spine": spine,
    }
    labels = np.zeros(grid, dtype=np.uint8)
    for name, mask in masks.items():  # those behind overlie those in front
        labels[mask] = list(ORGANS).index(name) + 1
        image[mask] = ORGANS[name] + random.normal(scale=6.0)
    image[spine & (np.mod(z + random.uniform(0, 36), 36) < 9)] = DISC
    return _seen(image, random), labels


def _bent(grid: tuple[int, int, int], random: np.random.Generator) -> Array:
    """Where every voxel lies in an abdomen of normal build, millimetres, float64 (3, X, Y, Z)."""
    cells = np.indices(grid, dtype=np.float64)
    place = SPACING * (cells - (np.reshape(grid, (3, 1, 1, 1)) - 1) / 2)
    bend = random.normal(scale=7.0, size=(3, KNOTS, KNOTS, KNOTS))
    bent = np.stack([zoom(one, np.array(grid) / KNOTS, order=3) for one in bend])
    return np.asarray(place + bent)


def _seen(image: Array, random: np.random.Generator) -> NDArray[np.int16]:
    """What a scanner makes of it: blurred, grainy, brighter on one side than on the other."""
    grain = gaussian_filter(random.normal(size=image.shape), 0.7)
    knots = random.normal(scale=0.1, size=(3, 3, 3))
    field = 1 + zoom(knots, np.array(image.shape) / 3, order=3)
    seen = gaussian_filter(image, 0.55) * field + 28 / grain.std() * grain
    return np.asarray(np.rint(seen), dtype=np.int16)
