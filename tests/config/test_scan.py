"""Configs of scans: what is not right is shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.config.conftest import complaint


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("voxels.size=0", "voxels.size: found 0"),
        ("voxels.size=-0.1", "voxels.size: found -0.1"),
        ("voxels.size=.nan", "voxels.size: found nan"),
        ("voxels.size=.inf", "voxels.size: found inf"),
        ("voxels.size=wide", "voxels.size: found 'wide'"),
        ("voxels.features=[]", "voxels.features"),
        ("train={mixed: 0.7, swapped: 0.6}", "train"),
        ('voxels.features=[colour, "colour?"]', "voxels.features"),
        ("voxels.features=[colors]", "voxels.features.0: found 'colors'"),
        ("train.crop=.inf", "train.crop: found inf"),
        ("train.augment.scale=1", "train.augment.scale"),
        ("data.validation=1.5", "share from 0 to 1"),
        ("data.validation=1", "share from 0 to 1"),
    ],
)
def test_a_wrong_value_is_shown(good: Path, change: str, said: str) -> None:
    found = complaint(good, change)
    assert found.startswith(f"{good}: ")
    assert said in found


def test_scans_have_one_output(good: Path) -> None:
    assert "net.supervised is for volumes" in complaint(good, "net.supervised=1")
