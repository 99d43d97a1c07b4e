"""Reports of files against files: what has no partner is said, what is bad is left out."""

from __future__ import annotations

from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from tests.heard import Heard
from volseg.errors import InputError
from volseg.geometry import PointCloud
from volseg.io import write
from volseg.report.pairs import report_pairs


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """Predictions of a and b, one of them bad, and truths of a, b and c."""
    guesses, truths = tmp_path / "guess", tmp_path / "truth"
    cloud = PointCloud(np.random.default_rng(0).uniform(0, 9, (40, 3)), labels=np.arange(40) % 2)
    for folder, names in ((guesses, "ab"), (truths, "abc")):
        folder.mkdir()
        for name in names:
            write(folder / f"{name}.ply", cloud)
    (guesses / "b.ply").write_bytes(b"ply\nno")
    return guesses, truths


def test_scans_without_a_prediction_are_noted_and_bad_ones_told(
    folders: tuple[Path, Path],
) -> None:
    failed: list[InputError] = []
    subject, results, sections = report_pairs(*folders, None, failed=failed.append)
    assert [case.name for case in results.cases] == ["a"]
    assert (results.mean_iou, len(sections), len(failed)) == (1.0, 1, 1)
    assert subject.notes == ("1 of the truth have no prediction: c.ply.",)
    assert "b.ply" in str(failed[0])
    with pytest.raises(InputError, match=r"b\.ply"):
        report_pairs(*folders, None)


def test_a_dataset_gives_its_images(tmp_path: Path) -> None:
    truth, guess = tmp_path / "data", tmp_path / "guess"
    labels = (np.random.default_rng(0).random((8, 7, 6)) > 0.5).astype(np.uint8)
    for file in (truth / "images" / "a.nii", truth / "labels" / "a.nii", guess / "a.nii"):
        file.parent.mkdir(parents=True, exist_ok=True)
        nib.save(nib.Nifti1Image(labels, np.eye(4)), file)
    heard = Heard()
    subject, results, (section,) = report_pairs(guess, truth, None, progress=heard)
    assert heard.works[-1] == ("scoring", 1, 1)
    assert (results.kind, results.mean_iou, subject.notes) == ("volume", 1.0, ())
    assert "The image" not in section.body
    with pytest.raises(InputError, match="label_field goes with scans"):
        report_pairs(guess, truth, None, "label")
