"""Volumes: figures as `volseg evaluate` prints them, and calibration from probabilities."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest

from volseg.errors import InputError
from volseg.evaluate.volumes.pairs import Pair
from volseg.evaluate.volumes.scores import score_cases
from volseg.evaluate.volumes.summary import average, summarize
from volseg.geometry.labels import LabelClass, LabelMap
from volseg.io import write_label_volume
from volseg.io.volumes.probabilities import open_probabilities
from volseg.report.page import Subject, build_page
from volseg.report.volumes.results import report_volumes
from volseg.report.volumes.section import VolumeCase

COLOUR = "#123456"
LABELS = LabelMap((LabelClass("back", (0,), COLOUR), LabelClass("ball", (1,), COLOUR)), ignore=(9,))
REGIONS = LabelMap(
    (LabelClass("whole", (1, 2), COLOUR), LabelClass("core", (2,), COLOUR)), overlap=True
)
GRID = (8, 10, 6)


def make_pairs(folder: Path, ids: list[int], cases: int = 3) -> list[Pair]:
    """Random truths, one stored oblique and to the left, and predictions that differ a little."""
    random = np.random.default_rng(0)
    pairs = []
    for number in range(cases):
        affine = np.diag([-1.0, 1.0, 2.0, 1.0]) if number % 2 else np.eye(4)
        truth = random.choice(ids, GRID)
        guess = np.where(random.random(GRID) < 0.2, 1, truth)
        guess[guess == 9] = 0
        pair = Pair(f"c{number}", folder / f"p{number}.nii.gz", folder / f"t{number}.nii.gz")
        for path, array in ((pair.predicted, guess), (pair.truth, truth)):
            nib.save(nib.Nifti1Image(array.astype(np.uint8), affine), path)
        pairs.append(pair)
    return pairs


@pytest.mark.parametrize(("labels", "ids"), [(LABELS, [0, 0, 1, 9]), (REGIONS, [0, 1, 2])])
def test_figures_are_those_of_evaluate(tmp_path: Path, labels: LabelMap, ids: list[int]) -> None:
    pairs = make_pairs(tmp_path, ids)
    scored = list(score_cases(pairs, labels))
    results, sections = report_volumes([VolumeCase(pair) for pair in pairs], iter(scored), labels)
    summaries = summarize(scored)
    mean = average(summaries, None if labels.overlap else "back")
    assert (results.mean_iou, results.mean_dice) == (mean.iou, mean.dice)
    for one in results.classes:
        assert (one.iou, one.dice) == (summaries[one.name].iou, summaries[one.name].dice)
        assert one.counts == (one.name != "back")
    assert [scene.anchor for scene in sections] == [case.anchor for case in results.cases]
    assert (results.confusion is None) == labels.overlap
    if results.confusion is not None:
        assert results.confusion.counts.sum() == results.total
        wrong = results.confusion.counts.sum() - np.trace(results.confusion.counts)
        assert sum(case.wrong or 0 for case in results.cases) == wrong
    build_page(Subject("a", "b"), results, sections)


def test_probabilities_beside_predictions_are_counted(tmp_path: Path) -> None:
    pairs = make_pairs(tmp_path, [0, 1, 9])
    known = right = 0
    sure = np.random.default_rng(1).uniform(0.5, 1, GRID)
    for pair in pairs:
        guess, truth = (nib.load(one).get_fdata() for one in (pair.predicted, pair.truth))  # type: ignore[attr-defined]
        beside = pair.predicted.with_name(pair.predicted.name[:2] + "_probabilities.nii")
        with open_probabilities(beside, 2, like=pair.predicted) as chances:
            chances[:] = np.where(guess == 1, (1 - sure, sure), (sure, 1 - sure))
        known += int((truth != 9).sum())
        # Sure of what is over 0.9 only: places count, whatever way the file is stored.
        right += int(((truth == guess) & (truth != 9) & (sure >= 0.9)).sum())
    scores = score_cases(pairs, LABELS)
    results, _ = report_volumes([VolumeCase(pair) for pair in pairs], scores, LABELS)
    assert results.reliability is not None
    assert results.reliability.counts.sum() == known
    assert results.reliability.hits[-1] == right


def test_probabilities_of_another_grid_are_named(tmp_path: Path) -> None:
    (pair,) = make_pairs(tmp_path, [0, 1], cases=1)
    other = tmp_path / "other.nii.gz"
    write_label_volume(other, np.zeros((3, 3, 3), np.uint8), like=_image(tmp_path))
    with open_probabilities(tmp_path / "p0_probabilities.nii", 2, like=other):
        pass
    with pytest.raises(InputError, match=r"p0_probabilities\.nii: has another grid"):
        report_volumes([VolumeCase(pair)], score_cases([pair], LABELS), LABELS)


def _image(folder: Path) -> Path:
    image: Any = nib.Nifti1Image(np.zeros((3, 3, 3), np.uint8), np.eye(4))
    nib.save(image, folder / "small.nii")
    return folder / "small.nii"
