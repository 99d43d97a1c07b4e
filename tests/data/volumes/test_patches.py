"""Patches: what a batch depends on, how often classes are seen, and what lies outside a case."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from volseg.data.volumes.augment_intensity import IntensityAugmentation
from volseg.data.volumes.augment_space import SpatialAugmentation
from volseg.data.volumes.patches import Patches
from volseg.data.volumes.store import CachedCase
from volseg.errors import InputError
from volseg.geometry.labels import IGNORE

Save = Callable[..., CachedCase]
GRID = (10, 11, 12)
EVERYTHING: dict[str, Any] = {
    "space": SpatialAugmentation(0.5, 0.5, (0, 1, 2)),
    "intensity": IntensityAugmentation(0.5, 0.5, 0.5, 0.5, 0.5, 0.5),
}


def patches(cases: list[CachedCase], patch: tuple[int, int, int] = (4, 5, 6), **kw: Any) -> Patches:
    return Patches(cases, **{"patch": patch, "batch": 2, "foreground": 0.5, "seed": 0, **kw})


@pytest.fixture
def case(save: Save) -> CachedCase:
    """A case whose every voxel has its own value, and an id that follows from it."""
    image = np.arange(np.prod(GRID)).reshape(GRID)  # below 2048: exact in half precision
    return save(image, image % 3)


class TestDraw:
    def test_depends_on_seed_and_number_alone(self, case: CachedCase) -> None:
        one, two = patches([case], **EVERYTHING), patches([case], **EVERYTHING)
        late = two.draw(7).changed()
        early = [one.draw(number).changed() for number in range(8)]
        assert torch.equal(early[7].inputs, late.inputs)
        assert torch.equal(early[7].targets, late.targets)
        assert not torch.equal(early[6].inputs, late.inputs)
        assert not torch.equal(
            patches([case], **EVERYTHING, seed=1).draw(7).changed().inputs, late.inputs
        )

    def test_without_augmentation_it_is_a_crop(self, case: CachedCase) -> None:
        values = torch.from_numpy(case.image[0].astype(np.float32))
        starts = set()
        for number in range(20):
            batch = patches([case]).draw(number)
            assert batch.inputs.shape == (2, 1, 4, 5, 6)
            assert batch.inputs.dtype == torch.float32
            assert batch.targets.dtype == torch.int64
            for (image,), ids in zip(batch.inputs, batch.targets, strict=True):
                x, y, z = np.unravel_index(int(image[0, 0, 0]), GRID)
                assert torch.equal(image, values[x : x + 4, y : y + 5, z : z + 6])
                assert torch.equal(ids, image.long() % 3)
                starts.add((x, y, z))
        assert len(starts) > 30

    def test_mirrored_it_is_a_flipped_crop(self, case: CachedCase) -> None:
        plain, mirrored = (
            patches([case], batch=1),
            patches([case], batch=1, space=SpatialAugmentation(mirror=(0, 2))),
        )
        seen = set()
        for number in range(40):
            image, truth = plain.draw(number).inputs, plain.draw(number).targets
            batch = mirrored.draw(number)
            for axes in ((), (2,), (4,), (2, 4)):
                if torch.equal(image.flip(axes), batch.inputs):
                    assert torch.equal(truth.flip([axis - 1 for axis in axes]), batch.targets)
                    seen.add(axes)
        assert len(seen) == 4

    def test_every_case_as_often(self, save: Save) -> None:
        cases = [save(np.full((8, 8, side), side), np.zeros((8, 8, side))) for side in (6, 9, 60)]
        drawn = torch.stack([patches(cases).draw(n).inputs[:, 0, 0, 0, 0] for n in range(300)])
        assert [int((drawn == side).sum()) for side in (6, 9, 60)] == pytest.approx(
            [200, 200, 200], abs=40
        )

    def test_no_case(self) -> None:
        with pytest.raises(InputError, match="no case to train on"):
            patches([])


class TestForeground:
    @pytest.mark.parametrize("share", [0.0, 0.33, 1.0])
    @pytest.mark.parametrize("batch", [1, 4])
    def test_share_around_a_class(self, save: Save, share: float, batch: int) -> None:
        labels = np.zeros((40, 40, 40))
        labels[7, 20, 33] = 1
        case = save(labels, labels, 2)
        draws = 800 // batch
        source = patches([case], (3, 3, 3), batch=batch, foreground=share)
        found = [(source.draw(n).targets == 1).flatten(1).any(1).sum() for n in range(draws)]
        assert sum(found) / 800 == pytest.approx(share, abs=0.04)
        if batch * share != 1:
            assert max(found) <= int(batch * share) + 1 + (share < 1)

    def test_rare_classes_as_often_as_common_ones(self, save: Save) -> None:
        labels = np.zeros((30, 30, 30))
        labels[:, :, 15:] = 1
        labels[3, 4, 5] = 2
        source = patches([save(labels, labels)], (3, 3, 3), foreground=1.0)
        middles = torch.stack([source.draw(n).targets[:, 1, 1, 1] for n in range(200)])
        assert (middles == 2).float().mean() == pytest.approx(0.5, abs=0.08)
        assert (middles == 0).sum() < 20  # next to a face, where the patch has no room

    @pytest.mark.parametrize("regions", [False, True])
    def test_a_class_of_one_case_as_often_as_one_of_all(self, save: Save, regions: bool) -> None:
        ids = np.zeros((9, 30, 30, 30))
        ids[:, :, :, 10:20] = 1
        ids[4, 3, 4, 15] = 2
        truths = [np.stack((one == 1, one == 2)).astype(int) if regions else one for one in ids]
        cases = [save(one, truth, 2) if regions else save(one, truth) for one, truth in
                 zip(ids, truths, strict=True)]  # fmt: skip
        source = patches(cases, (1, 3, 3), batch=1, foreground=1.0)
        middles = torch.stack([source.draw(n).inputs[0, 0, 1, 1] for n in range(200)])
        assert (middles == 2).float().mean() == pytest.approx(0.5, abs=0.1)
        assert (middles > 0).all()

    def test_regions_are_all_foreground(self, save: Save) -> None:
        flags = np.zeros((2, 30, 30, 30))
        flags[0, :, :, 15:] = 1
        flags[1, 3, 4, 20] = 1
        source = patches([save(flags[0], flags, 2)], (3, 3, 3), foreground=1.0)
        batches = [source.draw(number).targets for number in range(100)]
        assert batches[0].shape == (2, 2, 3, 3, 3)
        assert batches[0].dtype == torch.int8
        around = torch.cat(batches)[:, 1].flatten(1).any(1).float().mean()
        assert around == pytest.approx(0.5, abs=0.1)

    def test_a_case_of_background_alone(self, save: Save) -> None:
        batch = patches([save(np.ones(GRID), np.zeros(GRID))], foreground=1.0).draw(0)
        assert (batch.targets == 0).all()

    def test_where_little_is_labelled_patches_lie_on_it(self, save: Save) -> None:
        labels = np.full((40, 40, 40), IGNORE)
        labels[5:7, 8, 30] = 0
        labels[25, 30:32, 9] = 1
        source = patches([save(np.zeros_like(labels), labels)], (4, 4, 4), foreground=0.3)
        for number in range(30):
            assert (source.draw(number).targets != IGNORE).flatten(1).any(1).all()


class TestSmallCases:
    def test_larger_than_the_case(self, save: Save) -> None:
        image = np.arange(1, 61).reshape(3, 4, 5)
        source = patches([save(image, image % 3)], (8, 4, 6))
        batch = source.draw(0)
        inside = torch.zeros(8, 4, 6, dtype=torch.bool)
        inside[2:5, :, 0:5] = True
        truth = torch.from_numpy(image % 3).flatten()
        for (shown,), ids in zip(batch.inputs, batch.targets, strict=True):
            # A surplus of one voxel lies before the case.
            middle = inside.roll((1, 1), (0, 2))
            assert torch.equal(ids[middle], truth)
            assert (ids[~middle] == IGNORE).all()
            assert torch.equal(shown[middle], torch.from_numpy(image).flatten().float())
            assert (shown[~middle] == 0).all()

    def test_one_slice_augmented(self, save: Save) -> None:
        image = np.arange(99).reshape(9, 11, 1)
        source = patches([save(image, image % 3)], (8, 8, 4), **EVERYTHING)
        for number in range(20):
            batch = source.draw(number)
            assert torch.isfinite(batch.inputs).all()
            assert (batch.targets != IGNORE).flatten(1).any(1).all()

    def test_2d_is_the_slice_of_3d(self, save: Save) -> None:
        image = np.arange(99).reshape(9, 11, 1)
        cases = [save(image, image % 3)]
        for number in range(5):
            flat, thick = (patches(cases, (6, 7, side)).draw(number) for side in (1, 3))
            assert torch.equal(flat.inputs, thick.inputs[..., 1])
            assert torch.equal(flat.targets, thick.targets[..., 1])
            assert (thick.targets[..., [0, 2]] == IGNORE).all()


class TestSlices:
    @pytest.mark.parametrize("axis", [0, 1, 2])
    @pytest.mark.parametrize("options", [{}, EVERYTHING], ids=["plain", "augmented"])
    def test_slices_across_any_axis(self, save: Save, axis: int, options: dict[str, Any]) -> None:
        height = np.indices(GRID)[axis]
        patch = [6, 7, 8]
        patch[axis] = 1
        source = patches([save(height, height, 12)], (patch[0], patch[1], patch[2]), **options)
        seen = set()
        for number in range(40):
            batch = source.draw(number)
            assert batch.inputs.shape == (2, 1, *(side for side in patch if side > 1))
            assert batch.targets.shape == (2, *batch.inputs.shape[2:])
            for ids in batch.targets:
                (known,) = set(ids.unique().tolist()) - {IGNORE}  # one slice, never a mixture
                seen.add(known)
        assert seen == set(range(GRID[axis]))

    def test_regions(self, save: Save) -> None:
        flags = np.ones((2, *GRID))
        batch = patches([save(flags[0], flags, 2)], (4, 4, 1), **EVERYTHING).draw(0)
        assert batch.targets.shape == (2, 2, 4, 4)


def test_augmented_labels_stay_on_the_image(save: Save) -> None:
    here = np.indices((20, 20, 20))[1]
    source = patches(
        [save(np.stack((here, np.ones_like(here))), here, 20)],
        (12, 12, 12),
        space=SpatialAugmentation(1, 1, (0, 1, 2)),
    )
    for number in range(10):
        batch = source.draw(number)
        inside = batch.inputs[:, 1] > 0.999
        assert inside.any()
        assert (batch.inputs[:, 0] - batch.targets)[inside].abs().max() <= 0.51
