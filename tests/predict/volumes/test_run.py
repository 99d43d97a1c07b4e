"""Many files: each as if it were alone, in order, and no more of them in memory than promised."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from volseg.data.volumes.channel import Channel
from volseg.errors import InputError
from volseg.geometry.labels import LabelClass, LabelMap
from volseg.geometry.volume import Volume
from volseg.io import read_label_volume, read_volume
from volseg.nn import UNet
from volseg.predict.volumes import run as pipeline
from volseg.predict.volumes.model import VolumeModel
from volseg.predict.volumes.run import VolumeJob, segment_volumes


@pytest.fixture(scope="module")
def model() -> VolumeModel:
    torch.manual_seed(0)
    return VolumeModel(
        nets=(UNet(3, 1, 2, (4,), norm="instance"),),
        labels=LabelMap((LabelClass("air", (0,), "#000000"), LabelClass("organ", (7,), "#FFFFFF"))),
        spacing=(1.0, 1.0, 1.0),
        channels=(Channel(),),
        patch=(8, 8, 8),
        device=torch.device("cpu"),
    )


def jobs(folder: Path, many: int) -> list[VolumeJob]:
    made = []
    for seed in range(many):
        array = np.random.default_rng(seed).normal(size=(6, 7, 8)).astype(np.float32)
        nibabel.save(nibabel.Nifti1Image(array, np.eye(4)), folder / f"{seed}.nii")
        made.append(VolumeJob((folder / f"{seed}.nii",), folder / f"{seed}_labels.nii"))
    return made


@pytest.mark.parametrize("many", [0, 1, 4])
def test_every_image_is_segmented_as_if_it_were_alone(
    model: VolumeModel, tmp_path: Path, many: int
) -> None:
    todo = jobs(tmp_path, many)
    done = []
    for job in segment_volumes(model, todo):
        assert job.error is None
        made = read_label_volume(job.target).array[0]
        np.testing.assert_array_equal(made, model.label(read_volume(job.images)))
        assert job.stopwatch.seconds.keys() == {"read", "prepare", "network", "blend", "write"}
        assert job.voxels == 6 * 7 * 8
        done.append(job)
    assert done == todo


def test_what_fails_is_handed_back_in_its_place(model: VolumeModel, tmp_path: Path) -> None:
    todo = jobs(tmp_path, 4)
    todo[0].images[0].write_bytes(b"no image")
    todo[2].target.write_bytes(b"an older result")
    errors = [job.error for job in segment_volumes(model, todo)]
    assert [isinstance(error, InputError) for error in errors] == [True, False, True, False]
    assert [error.path for error in errors if error] == [todo[0].images[0], todo[2].target]
    assert todo[2].target.read_bytes() == b"an older result"
    assert not todo[0].target.exists()


def test_reading_and_writing_keep_one_image_away_from_computing(
    model: VolumeModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    events: list[tuple[str, str]] = []
    threads = set()

    def log(kind: str, path: Path) -> None:
        events.append((kind, path.name[0]))
        threads.add(threading.get_ident())

    def read(paths: Any, **options: Any) -> Volume:
        log("read", paths[0])
        return read_volume(paths, **options)

    def write(path: Path, labels: NDArray[Any], **options: Any) -> None:
        log("write", path)

    monkeypatch.setattr(pipeline, "read_volume", read)
    monkeypatch.setattr(pipeline, "write_label_volume", write)
    for job in segment_volumes(model, jobs(tmp_path, 5)):
        log("done", job.target)
        ahead = sum(kind == "read" for kind, _ in events) - int(job.target.name[0])
        assert ahead <= 4  # this one, one computed since, one being computed, one read ahead
    assert len(threads) == 3
    for name in "01234":
        mine = [kind for kind, of in events if of == name]
        assert mine == ["read", "write", "done"]


def test_an_image_too_large_for_the_memory_costs_itself_alone(
    model: VolumeModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    todo = jobs(tmp_path, 3)
    segment = VolumeModel.label

    def full(self: VolumeModel, volume: Volume, **options: Any) -> NDArray[Any]:
        if np.array_equal(volume.array, read_volume(todo[1].images).array):
            raise MemoryError
        return segment(self, volume, **options)

    monkeypatch.setattr(VolumeModel, "label", full)
    errors = [job.error for job in segment_volumes(model, todo)]
    assert errors[0] is errors[2] is None
    assert "1.nii: needs more memory than there is" in str(errors[1])
    assert [job.target.exists() for job in todo] == [True, False, True]
