"""Scores of tiles are those of whole scans, for networks of every kind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from accelerate import Accelerator
from torch import nn

from volseg.data.scans.features import parse_features
from volseg.data.scans.samples import Scan, prepare, sample
from volseg.data.scans.store import CachedScan
from volseg.geometry import IGNORE, PointCloud
from volseg.metrics.confusion import Confusion
from volseg.nn import EncoderDecoder, UNet
from volseg.nn.receptive import receptive_field
from volseg.predict.scans.point_votes import segment_sample
from volseg.runs.scans import validation as scoring
from volseg.runs.scans.validation import ScanScorer

FEATURES = parse_features("log_count", "offset", "height")
NAMES = ("one", "two", "three")
SIZE = 0.4
NETS: dict[str, Callable[[], nn.Module]] = {
    "plain": lambda: UNet(3, 5, 3, (6, 8)),
    "strides of 3": lambda: UNet(3, 5, 3, (4, 6), strides=3),
    "max": lambda: EncoderDecoder(3, 5, 3, (4, 6)),
    "whole": lambda: UNet(3, 5, 3, (4, 6), norm="instance"),
}


@pytest.fixture(scope="module")
def scans(boxes: Callable[..., PointCloud]) -> list[Scan]:
    """Wider than the halo of every network; labels of three classes, of none, and open ones."""
    made = []
    for seed, points in enumerate((2500, 300)):
        cloud = boxes(seed, points)
        low = cloud.xyz.min(axis=0)
        wide = PointCloud((cloud.xyz - low) * (4, 4, 2) + low)
        labels = np.random.default_rng(seed).integers(-1, 4, len(wide))
        made.append(replace(prepare(wide, FEATURES, name=str(seed)), labels=labels))
    return made


def whole(net: nn.Module, scans: list[Scan]) -> np.ndarray:
    confusion = Confusion(3)
    for one in scans:
        predicted, _ = segment_sample(net, sample(one, SIZE, FEATURES), torch.device("cpu"))
        assert one.labels is not None
        confusion.update(np.where(one.labels < 3, one.labels, IGNORE), predicted)
    return confusion.scores().iou


@pytest.mark.parametrize(
    ("name", "tile"),
    [("plain", 10**9), ("plain", 1), ("strides of 3", 1500), ("max", 1500), ("whole", 1500)],
)
def test_tiles_score_as_whole_scans_do(
    name: str, tile: int, scans: list[Scan], keep: Callable[..., CachedScan],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    torch.manual_seed(0)
    net = NETS[name]().eval()
    monkeypatch.setattr(scoring, "TILE", tile)
    scorer = ScanScorer([keep(one, 4, 16.0) for one in scans], NAMES, SIZE, FEATURES, Accelerator())
    found = scorer(net)
    np.testing.assert_array_equal(list(found.by_class.values()), whole(net, scans))
    assert (len(scorer._tiles[0]) > 1) == (name != "whole" and tile < 10**9)
    assert scorer(net) == found


def test_a_margin_too_narrow_would_show(
    scans: list[Scan], keep: Callable[..., CachedScan], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The test above can fail."""
    torch.manual_seed(0)
    net = NETS["plain"]().eval()
    monkeypatch.setattr(scoring, "TILE", 1500)
    reach = receptive_field(net)
    assert reach is not None
    near = replace(reach, below=(0, 0, 0), above=(0, 0, 0))
    monkeypatch.setattr(scoring, "receptive_field", lambda net: near)
    kept = [keep(one, 4) for one in scans]
    found = ScanScorer(kept, NAMES, SIZE, FEATURES, Accelerator())(net)
    assert list(found.by_class.values()) != whole(net, scans).tolist()


def test_one_end_of_a_scan_scores_its_own_points(
    scans: list[Scan], keep: Callable[..., CachedScan]
) -> None:
    torch.manual_seed(0)
    net = NETS["plain"]().eval()
    _, far = keep(scans[0], 4).cut(0.3)
    part = far.within(np.full(2, -np.inf), np.full(2, np.inf))
    assert 0 < len(part) < len(scans[0])
    found = ScanScorer([far], NAMES, SIZE, FEATURES, Accelerator())(net)
    np.testing.assert_array_equal(list(found.by_class.values()), whole(net, [part]))
