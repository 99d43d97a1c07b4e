"""Blocks: the same on tensors and voxels, and a residual block starts from its input."""

from __future__ import annotations

import pytest
import torch

from volseg.errors import InputError
from volseg.nn import functional
from volseg.nn.blocks import PlainBlock, ResidualBlock, TransposedUnit, stage


@pytest.mark.parametrize("nd", [1, 2, 3])
@pytest.mark.parametrize("block", [PlainBlock, ResidualBlock, TransposedUnit])
def test_a_block_is_the_same_on_both_kinds_of_map(make_voxels, at, block, nd: int) -> None:
    torch.manual_seed(0)
    shape = (6, 5, 4)[:nd]
    x = make_voxels(shape, occupancy=1.0)
    net = block(nd, 3, 5).double().eval()
    torch.testing.assert_close(net(x).features, at(net(x.dense(shape)), x))


@pytest.mark.parametrize("out", [3, 5])
def test_a_residual_block_whose_convolutions_say_nothing_is_its_shortcut(out: int) -> None:
    torch.manual_seed(0)
    block = ResidualBlock(2, 3, out).eval()
    torch.nn.init.zeros_(block.second.norm.weight)
    x = torch.randn(2, 3, 6, 5)
    shortcut = x if block.shortcut is None else block.shortcut(x)
    assert (block.shortcut is None) == (out == 3)
    torch.testing.assert_close(block(x), functional.activation(shortcut))


def test_a_stage_changes_channels_once() -> None:
    blocks = stage("plain", 2, 3, 7, 3, 3, norm="batch", activation="relu")
    widths = [(one.first.conv.weight.shape[1], one.first.conv.weight.shape[0]) for one in blocks]
    assert widths == [(3, 7), (7, 7), (7, 7)]
    with pytest.raises(InputError, match="0 'plain' blocks"):
        stage("plain", 2, 3, 7, 3, 0, norm="batch", activation="relu")
