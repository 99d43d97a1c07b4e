"""The series of a DICOM study that is a case's image is chosen by its name."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from volseg.data.volumes.datasets.cases import Case
from volseg.data.volumes.datasets.series import with_series
from volseg.errors import InputError

sitk = pytest.importorskip("SimpleITK")


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """A folder with the slices of two series."""
    folder = tmp_path / "study"
    folder.mkdir()
    writer = sitk.ImageFileWriter()
    writer.KeepOriginalImageUIDOn()
    for number, name in enumerate(("T1 gre", "T2 tse")):
        for z in range(3):
            image = sitk.GetImageFromArray(np.full((5, 6), number, np.int16))
            for tag, value in {
                "0008|0060": "MR", "0008|103e": name, "0020|000d": "1.5", "0020|0013": str(z),
                "0020|000e": f"1.5.{number}", "0008|0018": f"1.5.{number}.{z}",
                "0020|0032": f"0\\0\\{2 * z}", "0020|0037": "1\\0\\0\\0\\1\\0",
            }.items():  # fmt: skip
                image.SetMetaData(tag, value)
            writer.SetFileName(str(folder / f"{number}_{z}.dcm"))
            writer.Execute(image)
    return folder


def test_a_series_is_chosen_by_a_part_of_its_name(study: Path) -> None:
    chosen = with_series(Case("a", (study,), None), "t2")
    assert [file.name for file in chosen.images] == ["1_0.dcm"]
    with pytest.raises(InputError, match="T1 gre"):
        with_series(Case("a", (study,), None), "flair")


def test_other_formats_stay_as_they_are() -> None:
    case = Case("a", (Path("a_0000.nii.gz"), Path("a_0001.nrrd")), None)
    assert with_series(case, "t2") == case
