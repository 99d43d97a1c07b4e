"""How sure predicted volumes are: probabilities beside them, voxel by voxel."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest

from volseg.errors import InputError
from volseg.evaluate.volumes.pairs import VolumePair
from volseg.geometry.labels import LabelClass, LabelMap
from volseg.io import write_label_volume
from volseg.io.volumes.probabilities import open_probabilities
from volseg.report.volumes.case import VolumeCase
from volseg.report.volumes.confidence import volume_reliability

LABELS = LabelMap(
    (LabelClass("back", (0,), "#123456"), LabelClass("ball", (1,), "#123456")), ignore=(9,)
)
MakePairs = Callable[..., list[VolumePair]]


def cases(pairs: list[VolumePair]) -> list[VolumeCase]:
    return [VolumeCase(pair) for pair in pairs]


def test_predictions_without_probabilities_tell_nothing(make_pairs: MakePairs) -> None:
    assert volume_reliability(cases(make_pairs([0, 1])), LABELS) is None


def test_probabilities_beside_predictions_are_counted(make_pairs: MakePairs) -> None:
    pairs = make_pairs([0, 1, 9])
    known = right = 0
    sure = np.random.default_rng(1).uniform(0.5, 1, (8, 10, 6))
    for pair in pairs:
        guess, truth = (nib.load(one).get_fdata() for one in (pair.predicted, pair.truth))  # type: ignore[attr-defined]
        beside = pair.predicted.with_name(pair.predicted.name[:2] + "_probabilities.nii")
        with open_probabilities(beside, 2, like=pair.predicted) as shares:
            shares[:] = np.where(guess == 1, (1 - sure, sure), (sure, 1 - sure))
        known += int((truth != 9).sum())
        # Sure of what is over 0.9 only: places count, whatever way the file is stored.
        right += int(((truth == guess) & (truth != 9) & (sure >= 0.9)).sum())
    reliability = volume_reliability(cases(pairs), LABELS)
    assert reliability is not None
    assert reliability.counts.sum() == known
    assert reliability.hits[-1] == right


def test_probabilities_of_another_grid_are_named(make_pairs: MakePairs, tmp_path: Path) -> None:
    (pair,) = make_pairs([0, 1], cases=1)
    other = tmp_path / "other.nii.gz"
    write_label_volume(other, np.zeros((3, 3, 3), np.uint8), like=_image(tmp_path))
    with open_probabilities(tmp_path / "p0_probabilities.nii", 2, like=other):
        pass
    with pytest.raises(InputError, match=r"p0_probabilities\.nii: has another grid"):
        volume_reliability(cases([pair]), LABELS)


def _image(folder: Path) -> Path:
    image: Any = nib.Nifti1Image(np.zeros((3, 3, 3), np.uint8), np.eye(4))
    nib.save(image, folder / "small.nii")
    return folder / "small.nii"
