"""Votes of points for the centres of their objects."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from volseg.data.objects import ObjectHead
from volseg.data.scans.features import parse_features
from volseg.data.scans.samples import Scan, sample
from volseg.geometry.labels import IGNORE, LabelClass, LabelMap
from volseg.nn import Voxels
from volseg.predict.objects.centre import FINENESS
from volseg.predict.scans.point_votes import PointVotes, no_votes, segment_sample, vote
from volseg.predict.scans.point_votes import vote_by_views as by_views

FEATURES = parse_features("log_count")
SCALE, SIZE, CPU = 2.0, 0.5, torch.device("cpu")
LABELS = LabelMap(
    (
        LabelClass("ground", (2,), "#000000"),
        LabelClass("car", (65,), "#000000", grouping="centre", scale=SCALE),
        LabelClass("tree", (5,), "#000000", grouping="centre", scale=SCALE, axes="xy"),
    )
)


class Says(nn.Module):
    """A network that says the same of every voxel."""

    def __init__(self, label: int, way: tuple[float, float, float], doubt: float = 0.0) -> None:
        super().__init__()
        head = ObjectHead.of(LABELS, 3)
        assert head is not None
        self.said = torch.tensor([*(5.0 * (k == label) for k in range(3)), *way, doubt])
        self.width = head.channels
        self.weight = nn.Parameter(torch.zeros(1))

    def forward(self, x: Voxels) -> Voxels:
        said: Tensor = self.said.expand(len(x), self.width)
        return x.with_features(said)


def scan(count: int = 200) -> Scan:
    random = np.random.default_rng(0)
    height = {"height": random.random((count, 1), np.float32)}
    return Scan("", random.uniform(0, 6, (count, 3)) + (4e5, 5e6, 100.0), height)  # type: ignore[arg-type]


def test_votes_fall_where_the_network_says() -> None:
    points = scan()
    one = sample(points, SIZE, FEATURES)
    votes = vote(Says(1, (1.0, -0.5, 0.25)), one, LABELS, CPU)
    centres = one.grid.to_points(one.grid.centres()) + np.array([1.0, -0.5, 0.25]) * SCALE
    assert votes.cells is not None
    np.testing.assert_array_equal(votes.cells, np.floor(centres / (SCALE / FINENESS)))
    assert votes.weights is not None
    counts = one.grid.to_points(one.grid.counts)
    np.testing.assert_array_equal(votes.weights, np.maximum(np.rint(256 / counts), 1))
    assert (votes.classes == 1).all()


@pytest.mark.parametrize("label", [1, 2])
def test_views_vote_for_one_place(label: int) -> None:
    """A network that says *here* votes for each point's own place, however the scan is turned."""
    points = scan()
    votes = by_views(Says(label, (0.0, 0.0, 0.0)), points, SIZE, FEATURES, LABELS, CPU)
    axes = slice(0, 2 if label == 2 else 3)
    edge = SCALE / FINENESS
    assert votes.cells is not None
    off = (votes.cells[:, axes] + 0.5) * edge - points.metres[:, axes]
    assert np.abs(off).max() < edge / 2 + SIZE / 2
    if label == 2:
        assert (votes.cells[:, 2] == 0).all()


def test_doubt_and_stuff_weigh_less() -> None:
    one = sample(scan(), SIZE, FEATURES)
    sure, doubtful, none = (
        vote(Says(label, (0.0, 0.0, 0.0), doubt), one, LABELS, CPU).weights
        for label, doubt in ((1, -2.0), (1, 2.0), (0, 0.0))
    )
    assert sure is not None
    assert doubtful is not None
    assert none is not None
    assert (sure > doubtful).all()
    assert (none == 0).all()


def test_models_of_classes_alone_say_nothing_of_objects(
    boxes: Callable[..., object],
) -> None:
    labels = LabelMap(LABELS.classes[:1])
    head = nn.Module()
    head.forward = lambda x: x.with_features(torch.zeros(len(x), 1))  # type: ignore[method-assign]
    one = sample(scan(), SIZE, FEATURES)
    for votes in (
        vote(head, one, labels, CPU),
        by_views(head, scan(), SIZE, FEATURES, labels, CPU),
    ):
        assert (votes.cells, votes.weights) == (None, None)
    classes, confidence = segment_sample(head, one, CPU)
    assert (classes == 0).all()
    assert (confidence == 1.0).all()


def test_points_left_out_have_no_class() -> None:
    made = PointVotes(np.array([1, 2]), np.ones(2, np.float32), *no_votes_of(2))
    votes = made.among(np.array([False, True, True]))
    assert votes.classes.tolist() == [IGNORE, 1, 2]
    assert votes.confidence.tolist() == [0.0, 1.0, 1.0]
    assert votes.cells is not None
    assert len(votes.cells) == 3


def no_votes_of(count: int) -> tuple[np.ndarray, np.ndarray]:
    none = no_votes(count, LABELS)
    assert none.cells is not None
    assert none.weights is not None
    return none.cells, none.weights
