"""Scans and volumes are told apart by their names, and what is neither is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from volseg.errors import InputError
from volseg.io import scan_suffixes, volume_suffixes
from volseg.io.kinds import holds_scan


@pytest.mark.parametrize("suffix", scan_suffixes())
def test_every_suffix_of_scans_is_a_scan(suffix: str) -> None:
    assert holds_scan(Path(f"a{suffix}"))
    assert holds_scan(Path(f"a{suffix.upper()}"))


@pytest.mark.parametrize("suffix", volume_suffixes())
def test_every_suffix_of_volumes_is_a_volume(suffix: str) -> None:
    assert not holds_scan(Path(f"a{suffix}"))


def test_folders_are_volumes_but_for_scenes_of_arrays(tmp_path: Path) -> None:
    assert not holds_scan(tmp_path)
    np.save(tmp_path / "coord.npy", np.zeros((1, 3)))
    assert holds_scan(tmp_path)


def test_dicom_is_a_volume_by_what_it_holds_and_others_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "IM0001"
    file.write_bytes(bytes(128) + b"DICM")
    assert not holds_scan(file)
    file.write_bytes(bytes(132))
    with pytest.raises(InputError, match=r"is no format volseg knows.*\.laz.*\.nii\.gz"):
        holds_scan(file)
