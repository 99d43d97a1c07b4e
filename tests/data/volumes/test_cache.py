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

from tests.data.volumes.written import AFFINE, OPTIONS, label_map, store
from tests.heard import Heard
from volseg.data.volumes import cache
from volseg.data.volumes.cache import build_cache, cached
from volseg.data.volumes.channel import Channel
from volseg.data.volumes.datasets.cases import Case
from volseg.data.volumes.store import CachedCase
from volseg.errors import InputError
from volseg.io.volumes.files import read_volume
from volseg.progress import Progress


def entries(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*.counts.npy"))


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
