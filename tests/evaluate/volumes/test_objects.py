"""Objects of volumes and images against their truth, whatever says which cells are one object."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import nibabel
import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray
from PIL import Image

from volseg.data.volumes.objects.truth import ObjectTruth
from volseg.errors import InputError
from volseg.evaluate.objects import ObjectEvaluation
from volseg.evaluate.pairs import pair_predictions
from volseg.evaluate.volumes.objects import compare_objects
from volseg.evaluate.volumes.pairs import VolumePair, VolumePairs
from volseg.geometry import LabelClass, LabelMap

TRUTH = np.zeros((12, 16), np.uint16)
TRUTH[1:5, 1:5], TRUTH[6:10, 1:5], TRUTH[2:6, 8:14] = 1, 2, 300
GUESS = np.zeros_like(TRUTH)
GUESS[1:5, 1:5], GUESS[6:8, 1:5], GUESS[8:10, 1:5], GUESS[2:6, 9:15] = 7, 8, 9, 10
TWO = LabelMap(
    (
        LabelClass("none", (0,), "#000000"),
        LabelClass("small", (1,), "#111111", thing=True),
        LabelClass("large", (2,), "#222222", thing=True),
    )
)


def compared(
    guess: Path,
    true: Path,
    labels: LabelMap | None = None,
    *,
    truth: ObjectTruth | None = None,
    distance: float | None = None,
) -> ObjectEvaluation:
    pairs = [VolumePair("a", guess, true)]
    found = compare_objects(pairs, labels, truth=truth, distance=distance)
    assert found is not None
    return found


def image(path: Path, ids: NDArray[np.integer]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".png":
        Image.fromarray(ids.astype(np.uint16)).save(path)
    elif path.suffix == ".tif":
        tifffile.imwrite(path, ids)
    else:
        affine = np.diag([2.0, 3, 1, 1])
        nibabel.save(nibabel.Nifti1Image(ids.astype(np.int32)[..., None], affine), path)
    return path


@pytest.mark.parametrize("suffix", [".png", ".tif", ".nii.gz"])
def test_ids_of_one_class(tmp_path: Path, suffix: str) -> None:
    found = compared(image(tmp_path / f"p{suffix}", GUESS), image(tmp_path / f"t{suffix}", TRUTH))
    scores = found.scores()
    assert (scores.tp[1], scores.fp[1], scores.fn[1], scores.split[1]) == (2, 2, 1, 1)
    assert scores.sq[1] == pytest.approx((1 + 20 / 28) / 2)
    assert found.rand()["a"].merge == 0


def test_ids_may_say_the_class_by_their_thousands(tmp_path: Path) -> None:
    kinds = np.where(TRUTH == 300, 2, 1) * (TRUTH > 0)
    coded = np.where(TRUTH > 0, 1000 * kinds + TRUTH % 300, 0).astype(np.uint16)
    path = image(tmp_path / "t.tif", coded)
    found = compared(path, path, TWO)
    assert found.scores().tp.tolist() == [1, 2, 1]
    beside = image(tmp_path / "p.tif", kinds.astype(np.uint8))
    image(tmp_path / "objects" / "p.tif", GUESS)
    scores = compared(beside, path, TWO).scores()
    assert scores.tp.tolist() == [1, 1, 1]
    pieces = compared(beside, beside, TWO, truth="components").scores()
    assert (pieces.tp[1] + pieces.fn[1], pieces.tp[2]) == (2, 1)


def test_folders_of_ids_are_no_cases_of_their_own(tmp_path: Path) -> None:
    for side, ids in (("p", GUESS), ("t", TRUTH)):
        image(tmp_path / side / "a.png", (ids > 0).astype(np.uint8))
        image(tmp_path / side / "objects" / "a.png", ids)
    pairs = pair_predictions(tmp_path / "p", tmp_path / "t")
    assert isinstance(pairs, VolumePairs)
    (pair,) = pairs.pairs
    assert (pair.name, pairs.alone, pairs.failed) == ("a", (), ())
    scores = compared(pair.predicted, pair.truth).scores()
    assert (scores.tp[1], scores.fp[1], scores.fn[1]) == (2, 2, 1)


def test_centres_are_compared_in_the_unit_of_the_grid(tmp_path: Path) -> None:
    guess, truth = image(tmp_path / "p.nii", GUESS), image(tmp_path / "t.nii", TRUTH)
    near, far = (compared(guess, truth, distance=d).detection(1).tp for d in (2.5, 3.1))
    assert (near, far) == (2, 3)  # one is off by a voxel of 3 mm, another by one of 2 mm


def test_volumes_lie_in_the_world(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    ids = rng.integers(0, 4, (5, 6, 7)).astype(np.int32)
    plain = nibabel.Nifti1Image(ids, np.eye(4))
    nibabel.save(plain, tmp_path / "t.nii")
    turned = plain.as_reoriented(np.array([[1, -1], [2, 1], [0, -1]]))
    nibabel.save(turned, tmp_path / "p.nii")
    nibabel.save(turned, tmp_path / "p2.nii")
    (tmp_path / "objects").mkdir()
    nibabel.save(turned, tmp_path / "objects" / "p2.nii")
    nibabel.save(nibabel.Nifti1Image((ids > 0).astype(np.int32), np.eye(4)), tmp_path / "t2.nii")
    nibabel.save(plain, tmp_path / "objects" / "t2.nii")
    for guess, truth in (("p", "t"), ("p", "t2")):
        found = compared(tmp_path / f"{guess}.nii", tmp_path / f"{truth}.nii")
        assert found.scores().pq.tolist() == [1, 1]


@pytest.mark.parametrize(
    ("ids", "words"),
    [
        (np.full((4, 4), -2, np.int16), "holds object id -2; wanted 0 for none, or 1 to"),
        (np.full((5, 4), 1, np.int16), r"has grid .* resample the prediction"),
    ],
)
def test_what_cannot_be_compared_is_one_line(
    tmp_path: Path, ids: NDArray[np.integer], words: str
) -> None:
    truth = image(tmp_path / "t.tif", np.ones((4, 4), np.int16))
    with pytest.raises(InputError, match=words):
        compared(image(tmp_path / "p.tif", ids), truth)
    stuff = LabelMap((replace(TWO.classes[0]),))
    with pytest.raises(InputError, match="none is a thing"):
        compared(truth, truth, stuff)
