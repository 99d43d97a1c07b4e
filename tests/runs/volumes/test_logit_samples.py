"""Samples of logits: each stands with its own voxel's truth, however the image lies."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from volseg.geometry.labels import LabelClass, LabelMap
from volseg.geometry.volume import Volume
from volseg.runs import calibration
from volseg.runs.volumes.logit_samples import LogitSamples

GRID = (6, 5, 4)
LABELS = LabelMap(
    (LabelClass("none", (0,), "#000000"), LabelClass("one", (3,), "#000000")), ignore=(9,)
)


@pytest.mark.parametrize("most", [10**6, 20])
def test_logits_stand_with_the_truth_of_their_voxel(
    monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(calibration, "SAMPLES", most)
    truth = np.random.default_rng(0).choice([0, 3, 9], GRID)
    image = Volume(np.zeros((1, *GRID)), np.diag([-1.0, 1.0, -1.0, 1.0]))
    samples = LogitSamples(LABELS, 1)
    hear = samples.of_case(truth, image)
    flags = torch.from_numpy((truth[::-1, :, ::-1] == 3).astype(np.float32))
    for plane in range(GRID[0]):
        where = slice(plane, plane + 1), slice(0, 5), slice(0, 4)
        hear(where, torch.stack((1 - flags[where], flags[where])))
    logits, classes = samples.rows()
    assert (logits.argmax(axis=1) == classes).all()
    known = int((truth != 9).sum())
    assert len(classes) == (known if most > known else -(-known // -(-truth.size // most)))
    assert set(classes.tolist()) == {0, 1}


def test_regions_each_ask_whether_a_voxel_is_inside() -> None:
    regions = LabelMap(
        (LabelClass("all", (1, 2), "#000000"), LabelClass("core", (2,), "#000000")),
        overlap=True, background=(0,),
    )  # fmt: skip
    truth = np.random.default_rng(0).choice([0, 1, 2], GRID)
    samples = LogitSamples(regions, 1)
    assert samples.classes == ("outside", "inside")
    hear = samples.of_case(truth, Volume(np.zeros((1, *GRID)), np.eye(4)))
    flags = torch.from_numpy(np.stack((truth > 0, truth > 1)).astype(np.float32))
    hear((slice(0, 6), slice(0, 5), slice(0, 4)), 2 * flags - 1)
    logits, inside = samples.rows()
    assert logits.shape == (2 * truth.size, 2)
    assert ((logits[:, 1] > 0) == inside).all()
