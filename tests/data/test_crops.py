"""Crops: repeatable, within their side, rare classes seen; validation kept apart in space."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from volseg.data.crops import Crops, split_scans
from volseg.data.samples import Scan
from volseg.errors import InputError
from volseg.geometry import IGNORE


def identity(crop: Scan, random: np.random.Generator) -> Scan:
    return crop


def scan(seed: int = 0, points: int = 3000, classes: int = 3, name: str = "made") -> Scan:
    random = np.random.default_rng(seed)
    metres = random.uniform((-40, 900, 0), (40, 960, 5), (points, 3))
    return Scan(name, metres, {}, random.integers(-1, classes, points))


def crops(*scans: Scan, **changes: Any) -> Crops:
    given: dict[str, Any] = {
        "num_classes": 3,
        "side": 12.0,
        "voxel_size": 0.5,
        "features": ("log_count", "offset"),
        "batch": 2,
        "augment": identity,
        "seed": 0,
    }
    return Crops(scans, **(given | changes))


class Recorder:
    """An augmentation that changes nothing and keeps every crop it saw."""

    def __init__(self) -> None:
        self.seen: list[Scan] = []

    def __call__(self, crop: Scan, random: np.random.Generator) -> Scan:
        self.seen.append(crop)
        return crop


class TestDraws:
    def test_a_batch_depends_on_seed_and_number_alone(self) -> None:
        one, other = crops(scan()), crops(scan())
        for number in range(3):
            other.draw(number)  # an earlier draw must not matter
        for number in (5, 0):
            first, again = one.draw(number), other.draw(number)
            assert torch.equal(first.inputs.coords, again.inputs.coords)  # type: ignore[union-attr]
            assert torch.equal(first.inputs.features, again.inputs.features)  # type: ignore[union-attr]
            assert torch.equal(first.targets, again.targets)

    @pytest.mark.parametrize("change", ["seed", "number"])
    def test_another_seed_or_number_is_another_batch(self, change: str) -> None:
        first = crops(scan()).draw(1).targets
        other = crops(scan(), seed=int(change == "seed")).draw(1 + int(change == "number")).targets
        assert not torch.equal(first, other)

    @given(st.integers(0, 10**6), st.floats(0.5, 60))
    @settings(max_examples=25, deadline=None)
    def test_a_crop_lies_within_its_side_and_is_all_of_it(self, number: int, side: float) -> None:
        seen = Recorder()
        source = scan()
        crops(source, side=side, augment=seen).draw(number)
        assert len(seen.seen) == 2
        for crop in seen.seen:
            flat = crop.metres[:, :2]
            assert (np.ptp(flat, axis=0) <= side + 1e-9).all()
            low, high = flat.min(axis=0), flat.max(axis=0)
            box = ((source.metres[:, :2] >= low) & (source.metres[:, :2] <= high)).all(axis=1)
            assert box.sum() == len(crop)

    def test_targets_belong_to_the_voxels(self) -> None:
        batch = crops(scan()).draw(0)
        assert len(batch.targets) == len(batch.inputs)  # type: ignore[arg-type]
        assert batch.targets.dtype == torch.int64

    def test_one_point_among_a_million_is_seen(self) -> None:
        random = np.random.default_rng(0)
        labels = np.zeros(1_000_000, dtype=np.int64)
        labels[123_456] = 2
        big = Scan("big", random.uniform(0, 500, (len(labels), 3)), {}, labels)
        seen = Recorder()
        source = crops(big, side=3.0, batch=1, augment=seen)
        for number in range(40):
            source.draw(number)
        shares = [(crop.labels == 2).any() for crop in seen.seen]
        # Half of the crops draw one of the two classes present: one in four draws this one.
        assert 3 <= sum(shares) <= 20

    def test_ignored_points_are_never_centres(self) -> None:
        labels = np.full(200, IGNORE)
        labels[:3] = 1
        metres = np.random.default_rng(0).uniform(0, 1000, (200, 3))
        seen = Recorder()
        source = crops(Scan("sparse", metres, {}, labels), side=0.01, augment=seen)
        for number in range(30):
            source.draw(number)
        assert {int(one) for crop in seen.seen for one in np.unique(crop.labels)} == {1}

    def test_every_scan_gives_crops(self) -> None:
        seen = Recorder()
        source = crops(*(scan(n, 300, name=str(n)) for n in range(4)), augment=seen)
        for number in range(30):
            source.draw(number)
        assert {crop.name for crop in seen.seen} == set("0123")

    def test_counts_are_of_all_labelled_points(self) -> None:
        scans = [scan(0), scan(1)]
        labels = np.concatenate([one.labels for one in scans if one.labels is not None])
        wanted = [int((labels == number).sum()) for number in range(4)]
        np.testing.assert_array_equal(crops(*scans, num_classes=4).counts, wanted)

    def test_scans_without_labels_are_refused(self) -> None:
        bare = Scan("bare.laz", np.zeros((4, 3)), {}, None)
        with pytest.raises(InputError, match=r"bare\.laz.*no labels"):
            crops(scan(), bare)

    def test_nothing_but_ignored_is_refused(self) -> None:
        blank = Scan("blank", np.zeros((4, 3)), {}, np.full(4, IGNORE))
        with pytest.raises(InputError, match="no point"):
            crops(blank)


class TestSplit:
    @given(st.integers(2, 60), st.floats(0.01, 0.99))
    def test_is_an_even_partition(self, count: int, share: float) -> None:
        scans = [scan(points=1, name=str(number)) for number in range(count)]
        wanted = max(1, round(count * share))
        assume(wanted < count)
        train, validation = split_scans(scans, share)
        kept = [int(one.name) for one in validation]
        assert sorted([*kept, *(int(one.name) for one in train)]) == list(range(count))
        assert len(kept) == wanted
        # Evenly spread: the gaps between kept scans differ by one at most.
        gaps = np.diff(kept)
        assert len(gaps) == 0 or gaps.max() - gaps.min() <= 1

    @pytest.mark.parametrize("axis", [0, 1])
    @given(st.integers(0, 1000), st.floats(0.05, 0.9))
    @settings(deadline=None)
    def test_one_scan_is_cut_by_a_line(self, axis: int, seed: int, share: float) -> None:
        extent = (100, 20, 90) if axis == 0 else (20, 100, 90)
        metres = np.random.default_rng(seed).uniform(0, extent, (500, 3))
        whole = Scan("whole", metres, {}, np.arange(500))
        (train,), (validation,) = split_scans([whole], share)
        assert train.metres[:, axis].max() < validation.metres[:, axis].min()
        assert train.labels is not None
        assert validation.labels is not None
        both = np.sort(np.concatenate((train.labels, validation.labels)))
        np.testing.assert_array_equal(both, np.arange(500))
        far = np.ptp(metres[:, axis]) * share
        assert np.ptp(validation.metres[:, axis]) <= far

    def test_no_share_keeps_all(self) -> None:
        scans = [scan(), scan(1)]
        assert split_scans(scans, 0.0) == (scans, [])

    def test_a_share_that_leaves_nothing_is_refused(self) -> None:
        with pytest.raises(InputError, match="leaves none of 2"):
            split_scans([scan(), scan(1)], 0.9)
        together = Scan("one", np.zeros((5, 3)), {}, np.zeros(5, dtype=np.int64))
        with pytest.raises(InputError, match="one side"):
            split_scans([together], 0.2)


def test_mixed_batches_lay_two_crops_over_each_other() -> None:
    recorder = Recorder()
    source = crops(scan(), augment=recorder, mixed=1.0, batch=3, voxel_size=1e-3)
    batch = source.draw(0)
    pairs = zip(recorder.seen[::2], recorder.seen[1::2], strict=True)
    both = [np.concatenate((one.metres, other.metres)) for one, other in pairs]
    assert len(both) == 3
    assert len(batch.targets) == sum(len(np.unique(points, axis=0)) for points in both)
