"""The cache: what it keeps is what preparing gives, and it is never stale."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.heard import Heard
from volseg.data.volumes import cache
from volseg.data.volumes.cache import CachedCase, build_cache, cached, save_case
from volseg.data.volumes.channel import Channel
from volseg.data.volumes.datasets.cases import Case
from volseg.data.volumes.prepare import prepare_image
from volseg.errors import InputError
from volseg.geometry.labels import IGNORE, LabelClass, LabelMap
from volseg.io.volumes.files import read_volume
from volseg.progress import Progress

AFFINE = np.diag((-1.0, -2.0, 3.0, 1.0))  # left, posterior, superior
GRID = (9, 8, 7)


def label_map(*ids: tuple[int, ...], **kw: Any) -> LabelMap:
    return LabelMap(tuple(LabelClass(f"c{n}", one, "#000000") for n, one in enumerate(ids)), **kw)


LABELS = label_map((0,), (5, 6), (200,), ignore=(9,))
OPTIONS: dict[str, Any] = {"spacing": (1, 2, 3), "channels": [Channel()], "labels": LABELS}


def store(path: Path, array: NDArray[Any], affine: NDArray[np.float64] = AFFINE) -> Path:
    nib.save(nib.Nifti1Image(array, affine), path)
    return path


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Case]:
    """Writes a case with random values and ids."""

    def case(name: str = "a", ids: Any = (0, 5, 6, 200, 9), affine: Any = AFFINE) -> Case:
        random = np.random.default_rng(len(name))
        image = (1000 + 50 * random.normal(size=GRID)).astype(np.float32)
        truth = random.choice(ids, GRID).astype(np.int16)
        files = tmp_path / f"{name}.nii.gz", tmp_path / f"{name}_truth.nii.gz"
        return Case(name, (store(files[0], image),), store(files[1], truth, affine))

    return case


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "cache"
    path.mkdir()
    return path


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
        monkeypatch.setattr(cache, "KEPT_VOXELS", 40)
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


class TestReuse:
    @pytest.fixture
    def reads(self, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
        """What was read since."""
        calls: list[Any] = []

        def reading(paths: Any, **options: Any) -> Any:
            calls.append(paths)
            return read_volume(paths, **options)

        monkeypatch.setattr(cache, "read_volume", reading)
        return calls

    def test_a_fresh_entry_is_taken(
        self, make: Callable[..., Case], folder: Path, reads: list[Any]
    ) -> None:
        case = make()
        assert cached(case, folder, **OPTIONS) == cached(case, folder, **OPTIONS)
        assert len(reads) == 1

    @pytest.mark.parametrize(
        "change",
        [
            {"spacing": (1, 2, 2)},
            {"channels": [Channel("none")]},
            {"labels": label_map((0, 5), (6,), (200,), ignore=(9,))},
        ],
    )
    def test_other_arguments_make_another(
        self, make: Callable[..., Case], folder: Path, reads: list[Any], change: dict[str, Any]
    ) -> None:
        case = make()
        cached(case, folder, **OPTIONS)
        cached(case, folder, **{**OPTIONS, **change})
        assert len(reads) == 2
        cached(case, folder, **OPTIONS)
        assert len(reads) == 2

    @pytest.mark.parametrize("which", [0, 1])
    def test_a_changed_file_makes_another(
        self, make: Callable[..., Case], folder: Path, reads: list[Any], which: int
    ) -> None:
        case = make()
        assert case.label is not None
        cached(case, folder, **OPTIONS)
        path = (case.images[0], case.label)[which]
        os.utime(path, ns=(0, path.stat().st_mtime_ns + 1_000_000))
        cached(case, folder, **OPTIONS)
        assert len(reads) == 2

    @pytest.mark.parametrize("part", ["image", "labels", "voxels", "counts"])
    @pytest.mark.parametrize("damage", ["missing", "short", "empty", "pickle"])
    def test_a_damaged_entry_is_made_again(
        self, make: Callable[..., Case], folder: Path, part: str, damage: str
    ) -> None:
        case = make()
        entry = cached(case, folder, **OPTIONS)
        file = entry.stem.with_name(f"{entry.stem.name}.{part}.npy")
        whole = file.read_bytes()
        file.unlink()
        if damage == "pickle":
            file.write_bytes(pickle.dumps(np.zeros(3)))
        elif damage != "missing":
            file.write_bytes(whole[:-1] if damage == "short" else b"")
        assert CachedCase.open(entry.name, entry.stem) is None
        assert cached(case, folder, **OPTIONS) == entry
        assert file.read_bytes() == whole


class TestErrors:
    def test_another_grid(self, make: Callable[..., Case], folder: Path) -> None:
        case = make()
        assert case.label is not None
        store(case.label, np.zeros((9, 8, 6), np.int16))
        with pytest.raises(InputError, match=r"a_truth.nii.gz: .*9 x 8 x 6.*a.nii.gz.*9 x 8 x 7"):
            cached(case, folder, **OPTIONS)
        assert not list(folder.iterdir())

    def test_another_place(self, make: Callable[..., Case], folder: Path) -> None:
        moved = AFFINE.copy()
        moved[1, 3] = 0.5
        with pytest.raises(InputError, match=r"a_truth.nii.gz: .*0.5 voxels.*a.nii.gz"):
            cached(make(affine=moved), folder, **OPTIONS)

    def test_rounding_of_the_affine_passes(self, make: Callable[..., Case], folder: Path) -> None:
        entry = cached(make(affine=AFFINE * (1 + 1e-5)), folder, **OPTIONS)
        assert entry.image.shape[1:] == entry.labels.shape

    def test_an_unknown_id_names_the_label(self, make: Callable[..., Case], folder: Path) -> None:
        case = make(ids=(0, 7))
        many = int((np.asarray(nib.load(case.label).dataobj) == 7).sum())
        with pytest.raises(InputError, match=rf"a_truth.nii.gz: class id 7 \({many} times\)"):
            cached(case, folder, **OPTIONS)

    def test_the_wrong_number_of_channels_names_the_image(
        self, make: Callable[..., Case], folder: Path
    ) -> None:
        with pytest.raises(InputError, match=r"a.nii.gz: .*1 channels; wanted 2"):
            cached(make(), folder, **{**OPTIONS, "channels": [Channel(), Channel()]})

    def test_a_missing_file(self, make: Callable[..., Case], folder: Path) -> None:
        case = make()
        case.images[0].unlink()
        with pytest.raises(InputError, match=r"a.nii.gz: does not exist"):
            cached(case, folder, **OPTIONS)


class TestBuild:
    @pytest.mark.parametrize("threads", [1, 3])
    def test_in_order_with_progress(
        self, make: Callable[..., Case], tmp_path: Path, threads: int
    ) -> None:
        cases = [make("a" * (n + 1)) for n in range(5)]
        heard = Heard()
        built = build_cache(
            cases,
            tmp_path / "new" / "cache",
            threads=threads,
            progress=heard,
            **OPTIONS,
        )
        assert [entry.name for entry in built] == [case.name for case in cases]
        assert heard.works == [("preparing cases", n, 5) for n in range(6)]
        one = cached(cases[3], tmp_path / "new" / "cache", **OPTIONS)
        assert one == built[3]

    def test_an_interrupt_begins_no_other_case(
        self, make: Callable[..., Case], folder: Path
    ) -> None:
        class Stop(Progress):
            def work(self, what: str, done: float, total: float) -> None:
                if done:
                    raise KeyboardInterrupt

        cases = [make("a" * (n + 1)) for n in range(30)]
        with pytest.raises(KeyboardInterrupt):
            build_cache(cases, folder, threads=1, progress=Stop(), **OPTIONS)
        assert 1 <= len(entries(folder)) < 30

    def test_an_error_names_its_file(self, make: Callable[..., Case], folder: Path) -> None:
        cases = [make("a"), make("bb", ids=(0, 7)), make("ccc")]
        with pytest.raises(InputError, match=r"bb_truth.nii.gz: class id 7"):
            build_cache(cases, folder, **OPTIONS)


def test_real_cases(shared_data: Path, folder: Path) -> None:
    from volseg.data.volumes.datasets.dataset import read_dataset

    cases = read_dataset(shared_data / "mri" / "Task04_Hippocampus").cases[:3]
    three = label_map((0,), (1,), (2,))
    built = build_cache(
        cases, folder, spacing=(1, 1, 1), channels=[Channel()], labels=three, threads=2
    )
    for entry in built:
        assert entry.image.dtype == np.float16
        assert entry.image.astype(np.float32).mean() == pytest.approx(0, abs=1e-3)
        assert min(entry.counts) > 100
        assert sum(entry.counts) == entry.labels.size
