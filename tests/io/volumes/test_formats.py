"""Volumes are known by their suffixes, or by what they hold."""

from __future__ import annotations

import pytest

from volseg.errors import InputError
from volseg.io import (
    is_volume,
    label_suffix,
    read_label_volume,
    read_volume,
    read_volume_header,
    volume_stem,
)


@pytest.mark.parametrize(
    ("name", "stem", "labels"),
    [
        ("a.nii.gz", "a", ".nii.gz"), ("a.b_0000.NII.GZ", "a.b_0000", ".nii.gz"),
        ("a.nii", "a", ".nii"), ("a.mgz", "a", ".mgz"), ("a.jpeg", "a", ".png"),
        ("a.png", "a", ".png"), ("a.tiff", "a", ".tif"), ("a.mhd", "a", ".mha"),
        ("a.nhdr", "a", ".nrrd"), ("a.nrrd", "a", ".nrrd"),
    ],
)  # fmt: skip
def test_suffixes(name, stem, labels):
    assert is_volume(name)
    assert volume_stem(name) == stem
    assert label_suffix(name) == labels


def test_what_is_no_volume(tmp_path):
    (tmp_path / "empty").mkdir()
    for name in ("a.laz", "a.gz", "nii", "a.csv", "empty"):
        assert not is_volume(tmp_path / name)
    with pytest.raises(InputError, match=r"'\.laz' is no volume format.*\.nii\.gz"):
        read_volume(tmp_path / "a.laz")
    with pytest.raises(InputError, match="is a folder without DICOM files"):
        read_volume(tmp_path / "empty")
    for reading in (read_volume, read_volume_header, read_label_volume):
        with pytest.raises(InputError, match=r"a\.nii: does not exist"):
            reading(tmp_path / "a.nii")
