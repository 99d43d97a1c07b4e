"""Each kind of file is read and written as what it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import volseg as vs


def test_a_label_map_is_written_without_a_source_too(world: Path) -> None:
    labels = vs.read("labels/case_001.nii.gz", labels=True)
    vs.write("new.nii.gz", labels)
    again = vs.read("new.nii.gz", labels=True)
    np.testing.assert_array_equal(again.array, labels.array)
    np.testing.assert_allclose(again.affine, labels.affine, atol=1e-5)


@pytest.mark.parametrize(
    ("name", "options", "said"),
    [
        ("tile.laz", {"labels": True}, "labels=True is for volumes"),
        ("t1.nii.gz", {"label_field": "x"}, "are for scans"),
        ("boxes.yaml", {}, "is no format volseg knows"),
    ],
)
def test_each_kind_takes_its_own(
    world: Path, name: str, options: dict[str, Any], said: str
) -> None:
    with pytest.raises(vs.InputError, match=said):
        vs.read(name, **options)


def test_voxels_of_a_cloud_are_those_of_its_file(world: Path) -> None:
    one, other = vs.voxelize("tile.laz", 0.5), vs.voxelize(vs.read("tile.laz"), 0.5)
    np.testing.assert_array_equal(one.coords, other.coords)
