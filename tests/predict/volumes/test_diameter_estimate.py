"""The estimate is of what is found: on discs that a rule finds, it is their diameter."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from volseg.data.objects import ObjectHead
from volseg.data.volumes.channel import Channel
from volseg.geometry.labels import LabelClass, LabelMap
from volseg.geometry.volume import Volume
from volseg.predict.volumes.diameter import learnt_diameter
from volseg.predict.volumes.diameter_estimate import estimate_diameter
from volseg.predict.volumes.model import VolumeModel

LABELS = LabelMap(
    (
        LabelClass("rest", (0,), ""),
        LabelClass("cell", (1,), "", grouping="border", scale=3.0, smallest=1.0),
    )
)
HEAD = ObjectHead.of(LABELS, 2)


class Bright(nn.Module):
    """Takes what is bright for a cell, and sees no border."""

    def forward(self, x: Tensor) -> Tensor:
        """(B, 1, X, Y) to (B, channels, X, Y)."""
        assert HEAD is not None
        out = x.new_zeros(len(x), HEAD.channels, *x.shape[2:])
        out[:, 1] = 40 * (x[:, 0] - 0.5)
        out[:, HEAD.classes] = -40
        return out


def model() -> VolumeModel:
    plain = Channel(normalize="none")
    return VolumeModel(
        (Bright(),), LABELS, (1.0, 1.0, 1.0), (plain,), (32, 32, 1), torch.device("cpu"), head=HEAD
    )


def discs(diameter: float) -> Volume:
    """Four discs in an image, far apart."""
    side = int(2 * diameter)
    rows, columns = np.indices((2 * side, 2 * side)) % side - side // 2
    inside = rows**2 + columns**2 <= (diameter / 2) ** 2
    return Volume(inside[None, ..., None].astype(np.float32), np.eye(4))


@pytest.mark.parametrize("times", [3.0, 6.0])
def test_discs_have_their_diameter(times: float) -> None:
    wanted = times * learnt_diameter(LABELS, 2)
    assert estimate_diameter(model(), discs(wanted)) == pytest.approx(wanted, rel=0.1)
    told = replace(model(), diameter=3.0)
    assert estimate_diameter(told, discs(wanted)) == pytest.approx(wanted, rel=0.1)


def test_nothing_is_zoomed_where_sizes_match_or_nothing_is_found() -> None:
    assert estimate_diameter(model(), discs(learnt_diameter(LABELS, 2))) is None
    empty = Volume(np.zeros((1, 40, 40, 1), np.float32), np.eye(4))
    assert estimate_diameter(model(), empty) is None
