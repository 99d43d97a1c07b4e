"""Crops: repeatable, within their side, rare classes seen; validation kept apart in space."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from volseg.data.scans.crops import Crops
from volseg.data.scans.features import parse_features
from volseg.data.scans.samples import Scan
from volseg.data.scans.store import CachedScan
from volseg.errors import InputError
from volseg.geometry import IGNORE

Keep = Callable[..., CachedScan]
EDGE = 4.0


def identity(crop: Scan, random: np.random.Generator) -> Scan:
    return crop


def scan(seed: int = 0, points: int = 3000, classes: int = 3, name: str = "made") -> Scan:
    random = np.random.default_rng(seed)
    metres = random.uniform((-40, 900, 0), (40, 960, 5), (points, 3))
    return Scan(name, metres, {}, random.integers(-1, classes, points))


@dataclass
class Counts:
    counts: NDArray[np.int64]


class InMemory:
    """A scan whose points are all in memory, in the order of their columns: the reference."""

    def __init__(self, scan: Scan, labels: int) -> None:
        cells = np.floor(scan.metres[:, :2] / EDGE)
        axis = int(np.ptp(cells, axis=0).argmax())
        self.scan = scan.take(np.lexsort((cells[:, 1 - axis], cells[:, axis])))
        self.columns = Counts(np.array([(scan.labels == one).sum() for one in range(labels)]))

    def place(self, label: int, rank: int) -> NDArray[np.float64]:
        return np.asarray(self.scan.metres[np.flatnonzero(self.scan.labels == label)[rank]])

    def within(self, lower: NDArray[np.float64], upper: NDArray[np.float64]) -> Scan:
        flat = self.scan.metres[:, :2]
        inside = ((flat >= lower) & (flat <= upper)).all(axis=1)
        return self.scan.take(np.flatnonzero(inside))


def crops(*scans: Scan, keep: Keep | None = None, labels: int = 3, **changes: Any) -> Crops:
    given: dict[str, Any] = {
        "num_classes": 3,
        "side": 12.0,
        "voxel_size": 0.5,
        "features": parse_features("log_count", "offset"),
        "batch": 2,
        "augment": identity,
        "seed": 0,
    }
    if keep is None:
        held: list[Any] = [InMemory(one, labels) for one in scans]
    else:
        held = [keep(one, labels, EDGE) for one in scans]
    return Crops(held, **(given | changes))


class Recorder:
    """An augmentation that changes nothing and keeps every crop it saw."""

    def __init__(self) -> None:
        self.seen: list[Scan] = []

    def __call__(self, crop: Scan, random: np.random.Generator) -> Scan:
        self.seen.append(crop)
        return crop

    def turn(self, crop: Scan, random: np.random.Generator) -> Scan:
        """One that draws for every point, so that their order counts."""
        return self(
            replace(crop, metres=crop.metres + random.normal(size=crop.metres.shape)), random
        )


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

    def test_counts_are_of_all_points_of_a_class(self) -> None:
        scans = [scan(0, classes=5), scan(1, classes=5)]
        labels = np.concatenate([one.labels for one in scans if one.labels is not None])
        wanted = [int((labels == number).sum()) for number in range(4)]
        np.testing.assert_array_equal(crops(*scans, labels=5, num_classes=4).counts, wanted)

    @given(st.integers(0, 10**6), st.floats(0.5, 60))
    @settings(max_examples=20, deadline=None)
    def test_crops_from_disk_are_those_from_memory(
        self, keep: Keep, number: int, side: float
    ) -> None:
        scans = [scan(seed, points, classes=4) for seed, points in enumerate((900, 40, 2000))]
        seen = Recorder(), Recorder()
        for recorder, place in zip(seen, (keep, None), strict=True):
            source = crops(
                *scans, keep=place, labels=4, side=side, mixed=0.5, augment=recorder.turn
            )
            source.draw(number)
        assert len(seen[0].seen) == len(seen[1].seen) >= 2
        for one, other in zip(*(recorder.seen for recorder in seen), strict=True):
            np.testing.assert_array_equal(one.metres, other.metres)
            np.testing.assert_array_equal(one.labels, other.labels)  # type: ignore[arg-type]

    def test_points_of_open_labels_are_centres_as_often_as_those_of_a_class(self) -> None:
        labels = np.repeat((0, 1, 3), (50, 5, 5))  # 3: open which of the three classes
        metres = np.random.default_rng(0).uniform(0, 1000, (60, 3))
        seen = Recorder()
        source = crops(Scan("", metres, {}, labels), labels=4, side=0.01, augment=seen, batch=1)
        for number in range(300):
            source.draw(number)
        drawn = np.bincount([int(np.ravel(crop.labels)[0]) for crop in seen.seen], minlength=4)
        # A third of one half, and five of sixty of the other.
        assert (np.abs(drawn[[1, 3]] / 300 - (1 / 6 + 1 / 24)) < 0.07).all()
        np.testing.assert_array_equal(source.counts, [50, 5, 0])

    def test_open_labels_alone_teach_no_class(self) -> None:
        with pytest.raises(InputError, match="no point"):
            crops(Scan("", np.eye(3), {}, np.full(3, 3)), labels=4)

    def test_nothing_but_ignored_is_refused(self) -> None:
        blank = Scan("blank", np.zeros((4, 3)), {}, np.full(4, IGNORE))
        with pytest.raises(InputError, match="no point"):
            crops(blank)


def test_mixed_batches_lay_two_crops_over_each_other() -> None:
    recorder = Recorder()
    source = crops(scan(), augment=recorder, mixed=1.0, batch=3, voxel_size=1e-3)
    batch = source.draw(0)
    pairs = zip(recorder.seen[::2], recorder.seen[1::2], strict=True)
    both = [np.concatenate((one.metres, other.metres)) for one, other in pairs]
    assert len(both) == 3
    assert len(batch.targets) == sum(len(np.unique(points, axis=0)) for points in both)


def test_swapped_batches_hold_points_of_two_crops_but_not_all() -> None:
    recorder = Recorder()
    source = crops(scan(), augment=recorder, swapped=1.0, batch=3, voxel_size=1e-3)
    batch = source.draw(0)
    pairs = list(zip(recorder.seen[::2], recorder.seen[1::2], strict=True))
    assert len(pairs) == 3
    assert 0 < len(batch.targets) < sum(len(one) + len(other) for one, other in pairs)
