"""Studies of several DICOM series, from `check` to `predict`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest
import torch

from volseg.config import VolumeModelSpec
from volseg.io import read_volume
from volseg.models.load import save_model
from volseg.models.nets import build_net

sitk = pytest.importorskip("SimpleITK")
Cli = Callable[..., Any]
SIDES = 6, 5
SPEC = {
    "labels": {"classes": {"air": {"ids": [0]}, "organ": {"ids": [7]}}},
    "net": {"widths": [4, 8], "norm": "instance"},
    "images": {"channels": [{"name": "T2"}], "spacing": [1, 1, 2], "patch": [8, 8, 8]},
}


def series(folder: Path, name: str, number: int, slices: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    writer = sitk.ImageFileWriter()
    writer.KeepOriginalImageUIDOn()
    for z in range(slices):
        cells = np.random.default_rng((number, z)).integers(0, 99, (1, *SIDES)).astype(np.int16)
        image = sitk.GetImageFromArray(cells[0])
        for tag, value in {
            "0008|0060": "MR", "0008|103e": name, "0020|000d": "1.5", "0020|0013": str(z),
            "0020|000e": f"1.5.{number}", "0008|0018": f"1.5.{number}.{z}",
            "0020|0032": f"0\\0\\{2 * z}", "0020|0037": "1\\0\\0\\0\\1\\0",
        }.items():  # fmt: skip
            image.SetMetaData(tag, value)
        writer.SetFileName(str(folder / f"{number}_{z}.dcm"))
        writer.Execute(image)


@pytest.fixture
def studies(tmp_path: Path) -> Path:
    """Two labelled persons with a localizer, T1 and T2, each in a folder of its own."""
    folder = tmp_path / "data"
    for case, name in enumerate("ab"):
        for number, what in enumerate(("localizer", "T1 gre", "T2 tse")):
            series(folder / f"images/{name}/ST/SE{number}", what, 10 * case + number, 3 + number)
        (folder / "labels").mkdir(exist_ok=True)
        ids = np.zeros((*SIDES[::-1], 5), np.uint8)
        ids[2:4, 2:4, 2:4] = 7
        image = nib.Nifti1Image(ids, np.diag([-1, -1, 2, 1.0]))
        nib.save(image, folder / f"labels/{name}.nii.gz")
    return folder


def test_a_series_is_chosen_and_its_copy_is_a_dataset(
    cli: Cli, studies: Path, tmp_path: Path
) -> None:
    outcome = cli("check", studies)
    assert outcome.code == 2
    assert "holds 2 series: T1 gre (4 files, " in " ".join(outcome.out.split())
    assert "localizer" not in outcome.out
    outcome = cli("check", studies, "--series", "t2", "--fix", tmp_path / "copy")
    assert (outcome.code, outcome.err) == (0, "")
    outcome = cli("check", tmp_path / "copy")
    assert outcome.out == "2 cases, 1 channel, spacing 1 x 1 x 2, no problem found\n"
    made = read_volume(tmp_path / "copy/imagesTr/b_0000.nii")
    assert np.array_equal(made.array, read_volume(studies / "images/b/ST/SE2").array)


def test_a_case_without_the_series_costs_that_case(cli: Cli, studies: Path, tmp_path: Path) -> None:
    for file in (studies / "images/a/ST/SE2").iterdir():
        file.unlink()
    outcome = cli("check", studies, "--series", "T2", "--fix", tmp_path / "copy")
    assert outcome.code == 2
    assert "a  left out: a holds no series 'T2'" in outcome.out
    assert [one.name for one in (tmp_path / "copy/imagesTr").iterdir()] == ["b_0000.nii"]


def test_info_of_a_study_a_series_and_a_file(cli: Cli, studies: Path) -> None:
    study = studies / "images/a"
    assert "choose one by --series NAME" in cli("info", study).err
    assert "5 x 6 x 5 voxels" in cli("info", study, "--series", "tse").out
    assert "5 x 6 x 4 voxels" in cli("info", study / "ST/SE1/1_0.dcm").out


def test_prediction_leaves_out_localizers_and_other_series(
    cli: Cli, studies: Path, tmp_path: Path
) -> None:
    spec = VolumeModelSpec.model_validate(SPEC)
    model = tmp_path / "model.safetensors"
    torch.manual_seed(0)
    save_model(model, spec, build_net(spec).state_dict(), {})
    outcome = cli("predict", model, studies / "images", "-o", tmp_path / "out")
    assert outcome.code == 0
    assert "left out, localizers: " in outcome.err
    found = sorted(one.name for one in (tmp_path / "out").rglob("*.nii.gz"))
    assert found == ["SE1.nii.gz"] * 2 + ["SE2.nii.gz"] * 2
    outcome = cli("predict", model, studies / "images", "--series", "T2", "-o", tmp_path / "t2")
    assert outcome.code == 0
    made = sorted((tmp_path / "t2").rglob("*.nii.gz"))
    assert len(made) == 2
    assert {nib.load(one).shape for one in made} == {(5, 6, 5)}
