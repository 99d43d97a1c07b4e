"""Segmenting a volume: the same in the world, however its array and its axes lie."""

from __future__ import annotations

import itertools
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from volseg.data.volumes.channel import Channel
from volseg.errors import InputError
from volseg.geometry.labels import LabelClass, LabelMap
from volseg.geometry.volume import Volume
from volseg.nn import UNet
from volseg.predict.volumes.model import VolumeModel

LABELS = LabelMap(
    (
        LabelClass("air", (10, 0), "#000000"),
        LabelClass("bone", (300,), "#FFFFFF"),
        LabelClass("fat", (-2, 5), "#FF0000"),
    )
)
REGIONS = LabelMap(
    (LabelClass("whole", (1, 2), "#000000"), LabelClass("core", (2,), "#FFFFFF")), overlap=True
)
RAW = {10, 300, -2}
OBLIQUE = np.array([[-0.9, 0.2, 0.1, 40], [0.15, 1.1, -0.3, -7], [0.1, 0.25, 2.8, 3], [0, 0, 0, 1]])


def make(
    seed: int = 0, nd: int = 3, channels: int = 1, labels: LabelMap = LABELS, **changes: Any
) -> VolumeModel:
    torch.manual_seed(seed)
    net = UNet(nd, channels, len(labels), (4, 8), norm="instance", activation="leaky_relu")
    model = VolumeModel(
        nets=(net,),
        labels=labels,
        spacing=(1.0, 1.0, 2.0),
        channels=(Channel(),) * channels,
        patch=(8, 8, 6) if nd == 3 else (8, 8, 1),
        device=torch.device("cpu"),
        mirror=(0, 1),
    )
    return replace(model, **changes)


def image(grid: Sequence[int], affine: NDArray[Any] | None = None, channels: int = 1) -> Volume:
    """Smooth enough that its segmentation has parts, not noise alone."""
    random = np.random.default_rng(3)
    coarse = random.normal(size=(channels, *(n // 3 + 1 for n in grid)))
    array = coarse.repeat(3, 1).repeat(3, 2).repeat(3, 3)[:, : grid[0], : grid[1], : grid[2]]
    array = array + random.normal(scale=0.3, size=array.shape)
    return Volume(array.astype(np.float32), np.diag([1, 1, 2, 1.0]) if affine is None else affine)


@pytest.mark.parametrize("affine", [None, OBLIQUE], ids=["straight", "oblique"])
@pytest.mark.parametrize("nd", [2, 3])
def test_flips_and_permutations_of_the_axes_change_nothing_in_the_world(
    affine: NDArray[Any] | None, nd: int
) -> None:
    volume, model = image((11, 12, 9), affine), make(nd=nd, largest=("bone",))
    labels = model.label(volume)
    assert set(np.unique(labels)) == RAW
    for axes in itertools.permutations(range(3)):
        flips = [axis for axis in axes if axis != axes[0]]
        change = np.zeros((4, 4))
        change[3, 3] = 1
        for new, old in enumerate(axes):
            change[old, new] = -1 if new in flips else 1
            change[old, 3] = volume.grid[old] - 1 if new in flips else 0
        turned = Volume(
            np.flip(
                volume.array.transpose(0, *(1 + axis for axis in axes)), [1 + f for f in flips]
            ),
            volume.affine @ change,
        )
        wanted = np.flip(labels.transpose(axes), flips)
        np.testing.assert_array_equal(model.label(turned), wanted)


@pytest.mark.parametrize("grid", [(1, 1, 1), (20, 17, 1), (3, 30, 4), (8, 8, 6), (19, 9, 7)])
@pytest.mark.parametrize("spacing", [(1, 1, 2), (0.6, 0.6, 4), (2.5, 1.2, 1.2)])
@pytest.mark.parametrize("nd", [2, 3])
def test_any_grid_is_segmented(
    grid: tuple[int, int, int], spacing: tuple[float, float, float], nd: int
) -> None:
    volume = image(grid, np.diag([*spacing, 1.0]))
    chances = np.full((3, *grid), np.nan, dtype=np.float32)
    labels = make(nd=nd).label(volume, tta=True, probabilities=chances)
    assert labels.shape == grid
    assert set(np.unique(labels)) <= RAW
    np.testing.assert_allclose(chances.sum(axis=0), 1, atol=1e-5)
    written = np.array([10, 300, -2])[:, None, None, None]
    chosen = (chances * (labels == written)).sum(axis=0)
    np.testing.assert_array_equal(chosen, chances.max(axis=0))


@pytest.mark.parametrize("spacing", [(1, 1, 2), (0.7, 1.9, 1)])
def test_memory_changes_no_bit(spacing: tuple[float, float, float]) -> None:
    volume = image((21, 17, 12), np.diag([*spacing, 1.0]))
    made = []
    for memory in (1, 30_000, 1 << 30):
        chances = np.zeros((3, *volume.grid), dtype=np.float32)
        made.append((make(memory=memory).label(volume, probabilities=chances), chances))
    for labels, chances in made[:-1]:
        np.testing.assert_array_equal(labels, made[-1][0])
        np.testing.assert_allclose(chances, made[-1][1], atol=1e-6)


def test_the_order_of_folds_does_not_matter() -> None:
    nets = [make(seed).nets[0] for seed in range(3)]
    chances = []
    for order in itertools.permutations(nets):
        chances.append(np.zeros((3, 12, 11, 10)))
        make(nets=order).label(image((12, 11, 10)), probabilities=chances[-1])
    for one in chances[1:]:
        np.testing.assert_allclose(one, chances[0], atol=1e-6)


def test_mirroring_makes_the_answer_mirror() -> None:
    volume, model = image((16, 12, 10)), make()
    turned = Volume(volume.array[:, ::-1], volume.affine)  # the same place in the world
    chances, mirrored = np.zeros((2, 3, *volume.grid))
    model.label(volume, tta=True, probabilities=chances)
    model.label(turned, tta=True, probabilities=mirrored)
    np.testing.assert_allclose(mirrored[:, ::-1], chances, atol=1e-5)
    model.label(turned, probabilities=mirrored)
    assert abs(mirrored[:, ::-1] - chances).max() > 1e-3


SIDES = LabelMap(
    tuple(
        LabelClass(name, (raw,), "#000000") for raw, name in enumerate(("air", "lung L", "lung R"))
    )
)


@pytest.mark.parametrize("nd", [2, 3])
def test_sides_are_not_exchanged_by_mirrored_views(nd: int) -> None:
    """A model that was trained mirrored is not believed."""
    volume = image((12, 11, 10))
    model = make(nd=nd, labels=SIDES, mirror=(0, 1))
    chances, wanted = np.zeros((2, 3, *volume.grid))
    model.label(volume, tta=True, probabilities=chances)
    replace(model, mirror=(1,)).label(volume, tta=True, probabilities=wanted)
    np.testing.assert_array_equal(chances, wanted)
    assert model.exchanged == ("lung L", "lung R")
    assert make(nd=nd).exchanged is None


def test_pictures_mirror_the_axes_of_their_model() -> None:
    """Their first axis runs down the rows."""
    picture, model = image((12, 11, 1)), make(nd=2, labels=SIDES, mirror=(0,))
    chances, plain = np.zeros((2, 3, *picture.grid))
    model.label(picture, tta=True, probabilities=chances)
    model.label(picture, probabilities=plain)
    assert abs(chances - plain).max() > 1e-4


def test_a_network_of_slices_sees_each_alone() -> None:
    model, volume = replace(make(nd=2), channels=(Channel("none"),)), image((13, 15, 40))
    whole = model.label(volume)
    slices = [replace(volume, array=volume.array[..., z : z + 1]) for z in range(40)]
    parts = [model.label(one) for one in slices]
    # Batches of one slice and of many may round differently.
    assert (whole == np.concatenate(parts, axis=-1)).mean() > 0.999


def test_regions_are_flags_each_with_a_probability_of_its_own() -> None:
    volume, model = image((14, 13, 9)), make(labels=REGIONS)
    chances = np.zeros((2, *volume.grid), dtype=np.float32)
    labels = model.label(volume, probabilities=chances)
    flags = chances > 0.5
    np.testing.assert_array_equal(labels, np.where(flags[1], 2, np.where(flags[0], 1, 0)))
    assert len(np.unique(labels)) == 3


def test_only_the_largest_component_of_a_chosen_class_stays() -> None:
    from scipy import ndimage

    volume, model = image((24, 20, 12)), make()
    before, after = model.label(volume), replace(model, largest=("bone",)).label(volume)
    parts, many = ndimage.label(before == 300, np.ones((3, 3, 3)))
    assert many > 1
    largest = parts == 1 + np.argmax(np.bincount(parts.ravel())[1:])
    np.testing.assert_array_equal(after == 300, largest)
    np.testing.assert_array_equal(after[(before == 300) & ~largest], 10)
    np.testing.assert_array_equal(after[before != 300], before[before != 300])


def test_half_precision_is_nearly_the_same() -> None:
    volume, model = image((20, 20, 12)), make()
    half = replace(model, precision="bfloat16")
    assert (half.label(volume) == model.label(volume)).mean() > 0.97


def test_another_number_of_channels_is_refused() -> None:
    with pytest.raises(InputError, match="the image has 2 channels; wanted 1"):
        make().label(image((8, 8, 8), channels=2))


BIG = """
import resource, sys
import numpy as np, torch
from volseg.data.volumes.channel import Channel
from volseg.geometry.labels import LabelClass, LabelMap
from volseg.predict.volumes.model import VolumeModel
from volseg.nn import UNet

labels = LabelMap(tuple(LabelClass(str(one), (one,), "#000000") for one in range(40)))
net = UNet(3, 1, 40, (2,), norm="instance")
model = VolumeModel(
    (net,), labels, (1.0, 1.0, 1.0), (Channel(),), (32, 32, 32), torch.device("cpu"),
    memory=int(sys.argv[1]),
)
model(np.zeros((40, 40, 40), np.float32))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
model(np.random.default_rng(0).random((128, 128, 128), np.float32))
print(1024 * (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="counts kilobytes as Linux does")
def test_scores_of_all_voxels_are_never_held() -> None:
    budget, whole = 40 << 20, 4 * 40 * 128**3
    made = subprocess.run(
        [sys.executable, "-c", BIG, str(budget)], capture_output=True, text=True, check=True
    )
    # Beside the scores in work: the image prepared, the labels, and what a window goes through.
    assert int(made.stdout) < whole / 2
