"""Votes are of own points alone, and noise says which kind it is."""

from dataclasses import replace

import numpy as np
import pytest

from volseg.data.scans.samples import prepare
from volseg.geometry import PointCloud
from volseg.geometry.labels import IGNORE
from volseg.predict.scans.local import LocalSegmenter, votes_of
from volseg.predict.scans.model import ScanModel
from volseg.predict.scans.tile_input import TileInput


@pytest.fixture
def tile(run_model: ScanModel, wide: PointCloud) -> TileInput:
    scan = prepare(wide, run_model.features)
    noise = np.zeros(len(scan), np.int8)
    noise[[3, 10]], noise[[5, 4000]] = 7, 18
    return TileInput(scan.metres, scan.attributes, noise, 100, tta=False)


def test_votes_are_of_own_points(run_model: ScanModel, tile: TileInput) -> None:
    votes = votes_of(run_model, tile)
    assert len(votes) == tile.own == 100
    assert votes["label"][[3, 5, 10]].tolist() == [-7, -18, -7]
    others = np.delete(votes, [3, 5, 10])
    assert ((others["label"] >= 0) & (others["label"] < len(run_model.labels))).all()
    assert (others["confidence"] > 0).all()
    assert IGNORE not in votes["label"]


def test_tiles_come_back_in_their_order_with_their_keys(
    run_model: ScanModel, tile: TileInput
) -> None:
    tiles = {"b": tile, "a": replace(tile, own=7)}
    found = dict(LocalSegmenter(run_model)(tiles.items()))
    assert list(found) == ["b", "a"]
    np.testing.assert_array_equal(found["a"], found["b"][:7])
