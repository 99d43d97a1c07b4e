"""Targets: the way to the centre of the whole object, however a patch is cut, turned, mirrored."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from volseg.data.objects import ObjectHead
from volseg.data.volumes.augment_space import SpatialAugmentation
from volseg.data.volumes.objects.prepare import ObjectMap
from volseg.data.volumes.patches import Patches
from volseg.data.volumes.store import CachedCase, save_case

SPACING = (1.0, 2.0, 1.0)
SCALE = 3.0


@pytest.fixture
def case(tmp_path) -> CachedCase:
    """Two boxes; the image's channels are the places of voxels and of the centres."""
    numbers = np.zeros((30, 24, 20), np.int32)
    numbers[4:17, 3:12, 5:15], numbers[17:28, 8:20, 2:12] = 1, 2
    objects = ObjectMap.of(numbers, np.array([-1, 1, 1], np.int16))
    image = np.indices(numbers.shape).astype(np.float32)
    return save_case("a", tmp_path / "a", image, (numbers > 0).astype(np.int8), 2, 0, objects)


@pytest.mark.parametrize(
    "space", [SpatialAugmentation(), SpatialAugmentation(1.0, 1.0, (0, 1, 2), SPACING)]
)
@pytest.mark.parametrize("patch", [(10, 10, 10), (12, 16, 1)])
def test_ways_lead_to_the_centre_of_the_whole_object(case: CachedCase, space, patch):
    space = SpatialAugmentation(space.rotate, space.scale, space.mirror, SPACING)
    nd = sum(side > 1 for side in patch)
    head = ObjectHead(2, (1.0, SCALE), nd, (1,))
    source = Patches([case], patch=patch, batch=2, foreground=1.0, seed=0, space=space, head=head)
    voxels = 0
    for number in range(6):
        batch = source.draw(number)
        assert batch.targets.shape == (2, 2 + nd, *(side for side in patch if side > 1))
        for inputs, (classes, numbers, *ways) in zip(batch.inputs, batch.targets, strict=True):
            inside = numbers != 0
            assert torch.equal(inside, classes == 1)
            assert all((way[~inside] == 0).all() for way in ways)
            voxels += check_ways(case, inputs, numbers.abs().long(), ways, patch)
    assert voxels > 300


def check_ways(case: CachedCase, inputs, numbers, ways, patch) -> int:
    """Fit the affine map from patch to case that the image shows, and send every way through it."""
    axes = [axis for axis, side in enumerate(patch) if side > 1]
    cells = torch.stack(
        torch.meshgrid(*(torch.arange(float(n)) for n in numbers.shape), indexing="ij"), -1
    )
    inner = (inputs > 0.51).all(0) if len(axes) == 3 else (inputs[:2] > 0.51).all(0)
    inner &= numbers > 0
    if inner.sum() < 20:
        return 0
    ones = torch.ones(int(inner.sum()), 1)
    before = torch.cat((cells[inner], ones), 1).double()
    seen = inputs[:, inner].T.double()
    fit = torch.linalg.lstsq(before, seen).solution
    if (before @ fit - seen).abs().max() > 0.02:  # near a face of the case, where it is clamped
        return 0
    steps = torch.tensor([SCALE / SPACING[axis] for axis in axes])
    goals = cells[inner] + torch.stack(ways, -1)[inner] * steps
    landed = torch.cat((goals, ones), 1).double() @ fit
    wanted = torch.from_numpy(np.array(case.centres))[numbers[inner]].double()
    assert (landed - wanted)[:, axes].abs().max() < 0.1
    return len(wanted)


def test_a_patch_without_objects_has_none(tmp_path):
    numbers = np.zeros((8, 8, 1), np.int32)
    objects = ObjectMap.of(numbers, np.array([-1], np.int16))
    case = save_case("a", tmp_path / "a", np.ones((1, 8, 8, 1), np.float32), numbers, 2, 0, objects)
    head = ObjectHead(2, (1.0, 1.0), 2)
    source = Patches([case], patch=(12, 12, 1), batch=1, foreground=0, seed=0, head=head)
    ((classes, *others),) = source.draw(0).targets
    assert (classes == -1).sum() == 144 - 64
    assert all((other == 0).all() for other in others)
