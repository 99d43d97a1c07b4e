"""Samples and batches: sorted, unique, and with the way back to every point."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from volseg.data.scans.features import Feature, parse_features
from volseg.data.scans.samples import Scan, collate, prepare, sample
from volseg.errors import InputError
from volseg.geometry import IGNORE, LabelClass, LabelMap, PointCloud
from volseg.nn import UNet
from volseg.predict.scans.model import ScanModel
from volseg.predict.scans.point_votes import segment_sample

FEATURES = parse_features("log_count", "offset", "height")
LABELS = LabelMap(
    (LabelClass("ground", (2,), "#B8A07E"), LabelClass("box", (6, 5), "#E69F00")), (0,)
)


def scan(seed: int, points: int = 400, side: float = 6.0) -> Scan:
    random = np.random.default_rng(seed)
    cloud = PointCloud(random.uniform(-side, side, (points, 3)), labels=np.full(points, 2))
    return prepare(cloud, FEATURES, LABELS, "made")


@given(st.integers(0, 2**31), st.sampled_from([0.25, 1.0, 5.0]))
@settings(max_examples=25, deadline=None)
def test_cells_of_a_sample_are_sorted_and_unique(seed: int, size: float) -> None:
    one = sample(scan(seed), size, FEATURES)
    rows = list(map(tuple, one.grid.coords.tolist()))
    assert rows == sorted(set(rows))
    assert one.labels is not None
    assert len(rows) == len(one.features) == len(one.labels)


def test_labels_of_lone_points_come_home() -> None:
    random = np.random.default_rng(0)
    cells = np.unique(random.integers(-9, 9, (300, 3)), axis=0)
    labels = random.integers(-1, 5, len(cells))
    order = random.permutation(len(cells))
    lone = Scan("lone", ((cells + 0.5) * 0.4)[order], {}, labels[order])
    one = sample(lone, 0.4, (Feature("log_count"),))
    assert one.labels is not None
    np.testing.assert_array_equal(one.grid.to_points(one.labels), labels[order])


def test_collate_stacks_samples_under_their_number() -> None:
    samples = [sample(scan(seed, 50 + seed), 1.0, FEATURES) for seed in range(3)]
    batch = collate(samples)
    assert batch.batch_size == 3
    for number, one in enumerate(samples):
        mine = batch.coords[:, 0] == number
        np.testing.assert_array_equal(batch.coords[mine, 1:], one.grid.coords)
        np.testing.assert_array_equal(batch.features[mine], one.features)


def test_a_batch_is_predicted_as_its_samples_are_alone() -> None:
    torch.manual_seed(0)
    net = UNet(3, 5, 4, (4, 8)).eval()
    samples = [sample(scan(seed), 1.0, FEATURES) for seed in range(2)]
    with torch.inference_mode():
        together = net(collate(samples)).features
        alone = torch.cat([net(collate([one])).features for one in samples])
    torch.testing.assert_close(together, alone, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("seed", [0, 1])
def test_permuted_points_get_permuted_predictions(
    boxes: Callable[..., PointCloud], seed: int
) -> None:
    torch.manual_seed(seed)
    net = UNet(3, 5, 2, (4, 8), block="residual").eval()
    segment = ScanModel(net, LABELS, 0.5, FEATURES, torch.device("cpu"))
    cloud = boxes(seed, 2000)
    order = np.random.default_rng(seed).permutation(len(cloud))
    here, there = segment(cloud), segment(cloud.take(order))
    assert here.labels is not None
    assert here.confidence is not None
    assert there.labels is not None
    assert len(np.unique(here.labels)) == 2
    np.testing.assert_array_equal(there.labels, here.labels[order])
    np.testing.assert_array_equal(there.confidence, here.confidence[order])


def test_confidence_is_a_probability() -> None:
    torch.manual_seed(0)
    one = sample(scan(3), 1.0, FEATURES)
    classes, confidence = segment_sample(UNet(3, 5, 4, (4,)), one, torch.device("cpu"))
    assert classes.dtype == np.int64
    assert confidence.dtype == np.float32
    assert len(classes) == len(confidence) == 400
    assert confidence.min() >= 0.25
    assert confidence.max() <= 1.0


def test_prepare_encodes_labels_and_converts_feet() -> None:
    xyz = np.array([[0.0, 0, 0], [100, 0, 0], [0, 0, 10]])
    cloud = PointCloud(xyz, labels=np.array([6, 0, 5]), metres_per_unit=(0.3048,) * 3)
    ready = prepare(cloud, (Feature("height"),), LABELS)
    np.testing.assert_allclose(ready.metres, xyz * 0.3048)
    np.testing.assert_array_equal(ready.labels, [1, IGNORE, 1])
    np.testing.assert_allclose(ready.attributes["height"][:, 0], [0, 0, 3.048], rtol=1e-6)


def test_prepare_refuses_an_unknown_class() -> None:
    with pytest.raises(InputError, match="class id 9"):
        prepare(PointCloud(np.eye(3), labels=np.array([2, 6, 9])), (Feature("log_count"),), LABELS)


def test_take_keeps_everything_in_step() -> None:
    whole = scan(0)
    part = whole.take(np.array([7, 3]))
    np.testing.assert_array_equal(part.metres, whole.metres[[7, 3]])
    np.testing.assert_array_equal(part.attributes["height"], whole.attributes["height"][[7, 3]])
    assert (len(part), part.name) == (2, "made")
