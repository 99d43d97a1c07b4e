"""Samples of a run on scans: a place of each rarest class, segmented as validation does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from PIL import ImageChops

from volseg.config import VoxelSpec
from volseg.data.scans.features import parse_features
from volseg.data.scans.samples import Scan, sample
from volseg.data.scans.store import CachedScan
from volseg.geometry.labels import IGNORE, LabelClass, LabelMap
from volseg.nn import UNet
from volseg.predict.scans.point_votes import segment_sample
from volseg.runs.pictures import Draw
from volseg.runs.scans import pictures
from volseg.runs.scans.pictures import SHOWN, SIDES, scan_samples
from volseg.view.validation import scan_row

LABELS = LabelMap(
    (
        LabelClass("a", (0,), "#E69F00"),
        LabelClass("b", (1,), "#0072B2"),
        LabelClass("c", (2,), "#009E73"),
    )
)
OPEN = len(LABELS)
"""The id of what is of no certain class."""
FEATURES = parse_features("log_count", "offset")
VOXELS = VoxelSpec(size=0.5, features=FEATURES)
CROP = 6.0

Keep = Callable[..., CachedScan]
Rows = list[tuple[Any, ...]]


@pytest.fixture
def rows(monkeypatch: pytest.MonkeyPatch) -> Rows:
    """What each row of the picture is drawn from: name, metres, truth, predicted, labels."""
    made, draw = Rows(), scan_row

    def row(*given: Any) -> Any:
        made.append(given)
        return draw(*given)

    monkeypatch.setattr(pictures, "scan_row", row)
    return made


def scan(seed: int, shares: tuple[float, ...] = (0.9, 0.06, 0, 0.04)) -> Scan:
    """A plane 40 m wide, of labels with these shares: three classes, and none certain."""
    random = np.random.default_rng(seed)
    metres = random.uniform((6e5, 5e6, 0), (6e5 + 40, 5e6 + 40, 3), (4000, 3))
    labels = random.choice(len(shares), len(metres), p=shares)
    labels[::97] = IGNORE
    return Scan(f"{seed}", metres, {}, labels)


def net(seed: int) -> UNet:
    torch.manual_seed(seed)
    return UNet(3, 4, 5, (4, 6))


def samples(scans: list[CachedScan]) -> Draw:
    return scan_samples(scans, VOXELS, CROP, LABELS, torch.device("cpu"))


@pytest.mark.parametrize("count", [1, SHOWN, 3 * SHOWN + 1])
def test_a_few_scans_are_shown_spread_over_all(keep: Keep, rows: Rows, count: int) -> None:
    samples([keep(scan(seed), OPEN + 1) for seed in range(count)])(net(0))
    numbers = [int(name) for name, *_ in rows]
    assert len(numbers) == min(SHOWN, count)
    assert numbers[0] == 0
    assert len(set(numbers)) == len(numbers)
    assert all(gap >= count // SHOWN for gap in np.diff(numbers))


@pytest.mark.parametrize(
    ("shares", "rarest"),
    [
        ((0.9, 0.06, 0, 0.04), 1),  # a class that is not there is not looked for
        ((0.03, 0.07, 0.9, 0), 0),
        ((0, 0, 0, 1), OPEN),
    ],
)
def test_the_place_is_around_a_point_of_the_rarest_class(
    keep: Keep, rows: Rows, shares: tuple[float, ...], rarest: int
) -> None:
    """All points of that square, and no others."""
    made = scan(1, shares)
    samples([keep(made, OPEN + 1)])(net(0))
    [(_, metres, *_)] = rows
    squares = [
        made.metres[(np.abs(made.metres - middle)[:, :2] <= SIDES * CROP / 2).all(axis=1)]
        for middle in made.metres[made.labels == rarest]
    ]
    drawn = sorted(map(tuple, metres))
    assert any(sorted(map(tuple, square)) == drawn for square in squares)


@pytest.mark.parametrize("label", [IGNORE, OPEN + 1])
def test_scans_without_any_certain_class_are_drawn_too(keep: Keep, rows: Rows, label: int) -> None:
    made = replace(scan(1), labels=np.full(4000, label))
    samples([keep(made, OPEN + 2)])(net(0))
    [(_, metres, truth, *_)] = rows
    assert 0 < len(metres) < 4000
    assert (truth == IGNORE).all()


def test_points_of_no_certain_class_are_of_none(keep: Keep, rows: Rows) -> None:
    kept = keep(scan(2), OPEN + 1)
    samples([kept])(net(0))
    [(_, metres, truth, *_)] = rows
    everything = kept.within(np.full(2, -np.inf), np.full(2, np.inf))
    label = dict(zip(map(tuple, everything.metres), everything.labels, strict=True))
    wanted = [label[tuple(point)] for point in metres]
    assert OPEN in wanted
    np.testing.assert_array_equal(truth, np.where(np.equal(wanted, OPEN), IGNORE, wanted))


def test_points_are_segmented_by_the_network_as_it_is_now(keep: Keep, rows: Rows) -> None:
    """The same place at every time; channels beyond those of classes are none."""
    network, device = net(0), torch.device("cpu")
    draw = samples([keep(scan(3), OPEN + 1)])
    first, again = draw(network), draw(network)
    assert ImageChops.difference(first, again).getbbox() is None
    network.load_state_dict(net(1).state_dict())
    draw(network)
    for (_, metres, _, predicted, _), seed in zip(rows, (0, 0, 1), strict=True):
        np.testing.assert_array_equal(metres, rows[0][1])
        voxels = sample(replace(scan(3), metres=metres, labels=None), 0.5, VOXELS.features)
        wanted, _ = segment_sample(net(seed), voxels, device, classes=OPEN)
        np.testing.assert_array_equal(predicted, wanted)
    assert (rows[0][3] != rows[2][3]).any()
