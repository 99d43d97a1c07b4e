"""A prepared case on disk: what it keeps is what preparing gives."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest

from tests.data.volumes.written import GRID, LABELS, OPTIONS, label_map, store
from volseg.data.volumes.cache import cached
from volseg.data.volumes.channel import Channel
from volseg.data.volumes.datasets.cases import Case
from volseg.data.volumes.prepare import prepare_image
from volseg.data.volumes.store import CachedCase, save_case
from volseg.geometry.labels import IGNORE
from volseg.io.volumes.files import read_volume


def entries(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*.counts.npy"))


class TestEntry:
    def test_holds_what_preparing_gives(self, make: Callable[..., Case], folder: Path) -> None:
        case = make()
        entry = cached(case, folder, **OPTIONS)
        wanted = prepare_image(read_volume(case.images), (1, 2, 3), [Channel()])
        assert entry.image.dtype == np.float16
        np.testing.assert_allclose(entry.image, wanted, atol=2e-3)
        raw = np.asarray(nib.load(case.label).dataobj)[::-1, ::-1]  # on the same voxels, turned
        assert entry.labels.dtype == np.int8
        np.testing.assert_array_equal(entry.labels, LABELS.encode(raw))
        assert entry.counts == tuple((LABELS.encode(raw) == k).sum() for k in range(3))
        assert (entry.labels == IGNORE).any()

    def test_counts_the_voxels_of_classes_where_the_image_is_flat(
        self, tmp_path: Path, folder: Path
    ) -> None:
        image, truth = np.zeros(GRID, np.float32), np.zeros(GRID, np.uint8)
        image[5:] = np.random.default_rng(0).normal(size=image[5:].shape)
        for number, (ids, wanted) in enumerate([((5, 5), 1), ((200, 0), 1), ((9, 5), 0)]):
            truth[1, 1, 1], truth[7, 7, 5] = ids
            files = (
                store(tmp_path / f"{number}.nii", image),
                store(tmp_path / f"{number}_.nii", truth),
            )
            entry = cached(Case(f"{number}", files[:1], files[1]), folder, **OPTIONS)
            assert entry.flat == CachedCase.open(entry.name, entry.stem).flat == wanted

    def test_lists_the_voxels_of_every_class(self, make: Callable[..., Case], folder: Path) -> None:
        entry = cached(make(), folder, **OPTIONS)
        assert len(entry.coordinates) == 3
        for number, voxels in enumerate(entry.coordinates):
            assert voxels.dtype == np.int32
            np.testing.assert_array_equal(voxels, np.argwhere(entry.labels == number))

    def test_draws_from_classes_of_many_voxels(
        self, make: Callable[..., Case], folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("volseg.data.volumes.store.KEPT_VOXELS", 40)
        case = make(ids=(0, 0, 0, 0, 5))
        entry = cached(case, folder, **OPTIONS)
        assert [len(voxels) for voxels in entry.coordinates] == [40, 40, 0]
        assert entry.counts[1] > 40
        for number, voxels in enumerate(entry.coordinates[:2]):
            assert (entry.labels[tuple(voxels.T)] == number).all()
            assert len(np.unique(voxels, axis=0)) == 40
        assert len(np.unique(entry.coordinates[1][:, 0])) == GRID[0]  # from all over the case

    def test_regions_are_flags(self, make: Callable[..., Case], folder: Path) -> None:
        regions = label_map((5, 6, 200), (200,), ignore=(9,), overlap=True)
        case = make()
        entry = cached(case, folder, **{**OPTIONS, "labels": regions})
        raw = np.asarray(nib.load(case.label).dataobj)[::-1, ::-1]
        assert entry.labels.shape == (2, *GRID)
        assert entry.labels.dtype == np.int8
        np.testing.assert_array_equal(entry.labels, regions.encode(raw))
        np.testing.assert_array_equal(entry.coordinates[1], np.argwhere(raw == 200))

    def test_many_classes_need_two_bytes(self, make: Callable[..., Case], folder: Path) -> None:
        many = label_map(*((number,) for number in range(300)))
        entry = cached(make(ids=range(300)), folder, **{**OPTIONS, "labels": many})
        assert entry.labels.dtype == np.int16
        assert entry.labels.max() > 127

    @pytest.mark.parametrize(
        ("low", "high", "dtype"),
        [(0, 1, np.float16), (0, 60_001, np.float32), (1e4, 1e4 + 20, np.float32)],
    )
    def test_half_precision_only_where_it_costs_nothing(
        self, folder: Path, low: float, high: float, dtype: Any
    ) -> None:
        image = np.random.default_rng(0).uniform(low, high, (1, 20, 20, 20)).astype(np.float32)
        image[0, 0, 0, 0] = high
        entry = save_case("a", folder / "a", image, np.zeros((20, 20, 20), np.int8), 1)
        assert entry.image.dtype == dtype
        assert np.abs(entry.image - image).max() <= 0.01 * image.std()

    def test_thousands_of_entries_hold_no_file_open(
        self, make: Callable[..., Case], folder: Path
    ) -> None:
        fds = Path("/proc/self/fd")
        if not fds.is_dir():
            pytest.skip("this system does not list open files")
        before = len(list(fds.iterdir()))
        entries = [cached(make(), folder, **OPTIONS) for _ in range(20)]
        assert all(entry.image.size for entry in entries)
        assert len(list(fds.iterdir())) <= before + 1
