"""Ids of objects in files of their own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tifffile

from volseg.data.volumes.datasets.cases import Case
from volseg.data.volumes.objects.files import ids_file, read_ids
from volseg.errors import InputError


def case(label: Path) -> Case:
    return Case(label.stem, (label,), label)


def test_only_a_file_of_their_own_is_asked_for(tmp_path: Path) -> None:
    label = case(tmp_path / "labels" / "a.tif")
    assert ids_file(label, "file") == tmp_path / "labels" / "objects" / "a.tif"
    assert ids_file(replace(label, objects=tmp_path / "b.tif"), "file") == tmp_path / "b.tif"
    for kind in ("ids", "thousands", "components", None):
        assert ids_file(label, kind) is None
        assert read_ids(label, kind, (4, 4, 1)) is None


def test_ids_come_back_whatever_their_size(tmp_path: Path) -> None:
    ids = np.array([[0, 1, 70_000], [2**31 - 1, 0, 5]], np.uint32)
    (tmp_path / "objects").mkdir()
    tifffile.imwrite(tmp_path / "objects" / "a.tif", ids)
    found = read_ids(case(tmp_path / "a.tif"), "file", (2, 3, 1))
    assert found is not None
    assert np.array_equal(found[..., 0], ids)


def test_what_does_not_fit_names_the_file_of_ids(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"objects/a\.tif: does not exist"):
        read_ids(case(tmp_path / "a.tif"), "file", (2, 2, 1))
    (tmp_path / "objects").mkdir()
    tifffile.imwrite(tmp_path / "objects" / "a.tif", np.zeros((2, 2), np.uint8))
    with pytest.raises(InputError, match=r"objects/a\.tif: the ids have grid \(2, 2, 1\)"):
        read_ids(case(tmp_path / "a.tif"), "file", (2, 3, 1))
