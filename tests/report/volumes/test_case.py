"""Cases of volumes: label images of ids are read as classes and objects."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from volseg.evaluate.volumes.objects import ONE_CLASS
from volseg.evaluate.volumes.pairs import VolumePair
from volseg.report.volumes.case import VolumeCase, read_case

IDS = np.array([[0, 3, 3], [700, 0, 9]], np.uint16)


def test_ids_become_classes_and_objects(tmp_path: Path) -> None:
    files = tmp_path / "guess.png", tmp_path / "truth.png"
    for file, ids in zip(files, (IDS[:, ::-1], IDS), strict=True):
        Image.fromarray(np.ascontiguousarray(ids)).save(file)
    case = VolumeCase(VolumePair("a", *files), objects=True)
    read = read_case(case, ONE_CLASS)
    assert read.sides is not None
    for volume, side, ids in zip(
        (read.truth, read.predicted), read.sides, (IDS, IDS[:, ::-1]), strict=True
    ):
        assert np.array_equal(side.ids[..., 0], ids)
        assert np.array_equal(volume.array[0, ..., 0], ids > 0)


def test_classes_alone_are_read_as_they_are(tmp_path: Path) -> None:
    Image.fromarray(IDS).save(tmp_path / "a.png")
    read = read_case(VolumeCase(VolumePair("a", *[tmp_path / "a.png"] * 2)), ONE_CLASS)
    assert read.sides is None
    assert np.array_equal(read.truth.array[0, ..., 0], IDS)
