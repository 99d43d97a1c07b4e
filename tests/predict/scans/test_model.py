"""Segmenting a scan: a class for every point, in its order, whatever else the scan holds."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from volseg.data.scans.features import parse_features
from volseg.errors import InputError, InputWarning
from volseg.geometry import PointCloud
from volseg.models.load import load_scan_model
from volseg.predict.scans.model import ScanModel


@pytest.fixture(scope="module")
def model(run_folder: Path) -> ScanModel:
    return load_scan_model(run_folder, "cpu")


def test_everything_but_labels_and_confidence_stays(
    model: ScanModel, boxes: Callable[..., PointCloud]
) -> None:
    before = boxes(7)
    after = model(before)
    np.testing.assert_array_equal(after.xyz, before.xyz)
    np.testing.assert_array_equal(after.attributes["intensity"], before.attributes["intensity"])
    assert after.label_field == before.label_field
    assert after.labels is not None
    assert after.confidence is not None
    assert set(np.unique(after.labels)) <= {2, 6}  # the first raw id of each class
    assert after.confidence.min() >= 0.5
    assert after.confidence.max() <= 1.0


def test_the_answer_needs_no_labels_and_no_attributes(
    model: ScanModel, boxes: Callable[..., PointCloud]
) -> None:
    full = boxes(7)
    bare = PointCloud(full.xyz)
    np.testing.assert_array_equal(model(bare).labels, model(full).labels)


def test_scans_beyond_what_was_learnt_warn_once(
    model: ScanModel, boxes: Callable[..., PointCloud]
) -> None:
    alike = boxes(7)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model(alike)
        replace(model, learnt=None)(alike.take(np.arange(0, 4000, 20)))  # of an earlier version
    with pytest.warns(InputWarning, match="learnt from .* expect objects to be missed") as told:
        model(alike.take(np.arange(0, 4000, 20)))
    assert len(told) == 1


def test_feet_and_metres_give_one_answer(
    model: ScanModel, boxes: Callable[..., PointCloud]
) -> None:
    metres = boxes(7)
    # A power of two keeps every coordinate exact.
    halves = replace(metres, xyz=metres.xyz * 2, metres_per_unit=(0.5, 0.5, 0.5))
    np.testing.assert_array_equal(model(halves).labels, model(metres).labels)


def test_a_shift_by_whole_voxels_and_ground_cells_gives_one_answer(
    model: ScanModel, boxes: Callable[..., PointCloud]
) -> None:
    here = boxes(7)
    here = replace(here, xyz=np.round(here.xyz * 64) / 64)  # shifts are exact then
    there = replace(here, xyz=here.xyz + (-400_000, 1_000, 32))
    np.testing.assert_array_equal(model(there).labels, model(here).labels)


def test_a_net_left_in_training_answers_the_same_and_learns_nothing(
    run_folder: Path, boxes: Callable[..., PointCloud]
) -> None:
    model = load_scan_model(run_folder, "cpu")
    before = {name: value.clone() for name, value in model.net.state_dict().items()}
    calm = model(boxes(7)).confidence
    model.net.train()
    np.testing.assert_array_equal(model(boxes(7)).confidence, calm)
    after = model.net.state_dict()
    assert all(torch.equal(after[name], value) for name, value in before.items())


@pytest.mark.parametrize("points", [0, 1, 5])
def test_a_scan_without_extent_is_refused(model: ScanModel, points: int) -> None:
    with pytest.raises(InputError, match="two distinct positions"):
        model(PointCloud(np.full((points, 3), 7.0)))


def test_two_points_are_enough(model: ScanModel) -> None:
    labels = model(PointCloud(np.array([[0.0, 0, 0], [0, 0, 50]]))).labels
    assert labels is not None
    assert len(labels) == 2


def test_an_attribute_the_model_needs_is_named(model: ScanModel) -> None:
    hungry = replace(model, features=parse_features("log_count", "intensity"))
    with pytest.raises(InputError, match=r"'intensity'.*echo"):
        hungry(PointCloud(np.eye(3), {"echo": np.ones(3)}))


def test_degrees_are_refused(model: ScanModel) -> None:
    with pytest.raises(InputError, match="degrees"):
        model(PointCloud(np.eye(3), metres_per_unit=None))


class TestViews:
    def test_votes_depend_less_on_how_a_scan_lies_on_the_grid(
        self, model: ScanModel, boxes: Callable[..., PointCloud]
    ) -> None:
        here = boxes(7)
        x, y, z = (here.xyz - (500_000, 5_000_000, 100)).T
        here = replace(here, xyz=np.stack((x, y, z), axis=1))
        there = replace(here, xyz=np.stack((-y + 0.07, x + 0.13, z + 0.09), axis=1))

        def change(tta: bool) -> float:
            one, other = (model(scan, tta=tta).confidence for scan in (here, there))
            assert one is not None
            assert other is not None
            return float(np.abs(one - other).mean())

        assert change(tta=True) < 0.6 * change(tta=False)

    def test_a_vote_of_one_view_is_its_answer(
        self,
        model: ScanModel,
        boxes: Callable[..., PointCloud],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        for module in ("views", "point_votes"):
            monkeypatch.setattr(f"volseg.predict.scans.{module}.VIEWS", 1)
        for one in (replace(model, temperature=1.0), replace(model, temperature=0.7)):
            plain, voted = one(boxes(7)), one(boxes(7), tta=True)
            np.testing.assert_array_equal(voted.labels, plain.labels)
            # Means are of probabilities: the temperature is applied to their logarithms.
            most = 0 if one.temperature == 1 else 1e-6
            np.testing.assert_allclose(voted.confidence, plain.confidence, rtol=most)
