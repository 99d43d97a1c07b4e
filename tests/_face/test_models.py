"""A file, a cloud and an array are segmented alike."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest

import volseg as vs
from tests.heard import Heard


def test_a_file_a_cloud_and_a_loaded_model_agree(world: Path) -> None:
    heard = Heard()
    vs.segment("tile.laz", "new/out.laz", model="runs/boxes", progress=heard)
    cloud = vs.segment(vs.read("tile.laz"), model=vs.load("runs/boxes"))
    np.testing.assert_array_equal(vs.read("new/out.laz").labels, cloud.labels)
    assert heard.works[-1][1:] == (4000, 4000)


def test_a_volume_gives_a_volume_and_nibabels_image_one(world: Path) -> None:
    model = vs.load("runs/balls")
    (path,) = vs.segment("t1.nii.gz", "labels", model=model)
    assert path == Path("labels/t1.nii.gz")
    wanted = vs.read(path, labels=True)
    volume = vs.segment(vs.read("t1.nii.gz"), model=model)
    np.testing.assert_array_equal(volume.array, wanted.array)
    np.testing.assert_array_equal(volume.affine, wanted.affine)
    image = model(nib.load("t1.nii.gz"))
    np.testing.assert_array_equal(np.asarray(image.dataobj), wanted.array[0])
    array = vs.read("t1.nii.gz").array[0]
    np.testing.assert_array_equal(
        vs.segment(array, model=model, affine=wanted.affine), wanted.array[0]
    )


@pytest.mark.parametrize(
    ("source", "options", "said"),
    [
        ("tile.laz", {}, "wanted a target"),
        (np.zeros((8, 8, 8)), {}, "the model is of scans; wanted a PointCloud"),
        (np.zeros((8, 8, 8)), {"target": "a.laz"}, "go with a file"),
        ("tile.laz", {"target": "tile.laz"}, "would replace the input itself"),
        ("tile.laz", {"target": "a.laz", "spacing": (1, 1, 1)}, "spacing and affine go with"),
    ],
)
def test_what_does_not_go_together_is_refused(
    world: Path, source: Any, options: dict[str, Any], said: str
) -> None:
    before = Path("tile.laz").read_bytes()
    with pytest.raises(vs.InputError, match=said):
        vs.segment(source, model="runs/boxes", overwrite=True, **options)
    assert Path("tile.laz").read_bytes() == before


def test_loading_a_model_leaves_the_allocator_alone(
    world: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from volseg.nn import allocator

    def asked() -> None:
        raise AssertionError("the process is the user's")

    monkeypatch.setattr(allocator, "_glibc", asked)
    vs.segment(vs.read("tile.laz"), model="runs/boxes")
    vs.train("boxes.yaml", "tiles", "runs/new", minutes=0.01)
