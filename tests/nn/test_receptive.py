"""The receptive field is what changes an output when it is taken away, cell by cell."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from volseg.nn import EncoderDecoder, UNet, Voxels
from volseg.nn.receptive import Reach, receptive_field, total_stride

NETS: dict[str, Callable[[], nn.Module]] = {
    "one stage": lambda: UNet(1, 1, 2, (3,)),
    "plain": lambda: UNet(1, 1, 2, (3, 4, 5)),
    "deep residual": lambda: UNet(1, 1, 2, (2, 3, 4), block="residual", depth=2),
    "strides of 3": lambda: UNet(1, 1, 2, (3, 4), strides=3),
    "strides of 4 and 2": lambda: UNet(1, 1, 2, (3, 4, 5), strides=(4, 2)),
    "kernels of 5, 1, 2": lambda: UNet(1, 1, 2, (3, 4, 5), kernels=(5, 1, 2)),
    "two axes": lambda: UNet(2, 1, 2, (2, 3), kernels=((1, 3), 3), strides=((1, 2),)),
    "max": lambda: EncoderDecoder(1, 1, 2, (3, 4, 5)),
    "average": lambda: EncoderDecoder(1, 1, 2, (3, 4), unpool="average", strides=3),
    "even kernels": lambda: EncoderDecoder(1, 1, 2, (3, 4), unpool="average", kernels=2),
}


def seen(net: nn.Module, reach: Reach) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """How far below and above its own cell an output notices that a bright cell is gone."""
    sides = [stride * (2 + max(below, above) // stride) for below, above, stride in _axes(reach)]
    shape = [2 * side + stride for side, stride in zip(sides, reach.stride, strict=True)]
    grid = torch.ones(shape).nonzero()
    below, above = grid.new_zeros(len(shape)), grid.new_zeros(len(shape))
    for place in itertools.product(*(range(stride) for stride in reach.stride)):
        centre = torch.tensor([side + at for side, at in zip(sides, place, strict=True)])
        far = (grid - centre).abs().amax(dim=1)
        for cells in (
            grid,
            grid[(far == 0) | (far >= max(reach.stride))],
        ):  # alone, its coarse cell goes with it
            offsets = changed(net, cells, (cells == centre).all(dim=1)) - centre
            below = torch.maximum(below, offsets.max(dim=0).values)
            above = torch.maximum(above, -offsets.min(dim=0).values)
    return tuple(below.tolist()), tuple(above.tolist())


def changed(net: nn.Module, cells: Tensor, gone: Tensor) -> Tensor:
    """The cells whose output changes with a bright cell that goes."""
    coords = torch.cat((cells.new_zeros(len(cells), 1), cells), dim=1)
    x = torch.ones(len(cells), 1, dtype=torch.float64)
    x[gone] = 1e30
    before = net(Voxels.of(coords, x)).features[~gone]
    after = net(Voxels.of(coords[~gone], x[~gone])).features
    return cells[~gone][~torch.isclose(before, after, rtol=1e-9, atol=0).all(dim=1)]


def _axes(reach: Reach) -> zip[tuple[int, int, int]]:
    return zip(reach.below, reach.above, reach.stride, strict=True)


def positive(net: nn.Module) -> nn.Module:
    """All weights positive, so that nothing cancels and no unit is off."""
    for parameter in net.parameters():
        nn.init.constant_(parameter, 0.1)
    return net.double().eval()


@pytest.mark.parametrize("name", NETS)
def test_a_change_is_seen_as_far_and_no_farther(name: str) -> None:
    net = positive(NETS[name]())
    reach = receptive_field(net)
    assert reach is not None
    below, above = seen(net, reach)
    if name == "max":  # values go back to where their maxima stood, and nowhere else
        assert all(b <= most for b, most in zip(below, reach.below, strict=True))
        assert all(a <= most for a, most in zip(above, reach.above, strict=True))
    else:
        assert (below, above) == (reach.below, reach.above)


@pytest.mark.parametrize("name", NETS)
def test_voxels_come_and_go_out_of_reach_unnoticed(name: str) -> None:
    """Sparse cells too: whether a coarse cell exists is part of what is seen."""
    torch.manual_seed(1)
    net = NETS[name]().double().eval()
    reach = receptive_field(net)
    assert reach is not None
    nd = len(reach.stride)
    for trial in range(8):
        side = tuple(b + a + 8 * s for b, a, s in _axes(reach))
        coords = (torch.rand(1, *side) < 0.4).nonzero()
        features = torch.randn(len(coords), 1, dtype=torch.float64)
        whole = net(Voxels.of(coords, features)).features
        cut = [b + trial for b in reach.below]
        inside = torch.stack([coords[:, 1 + i] >= cut[i] for i in range(nd)]).all(dim=0)
        core = torch.stack([coords[:, 1 + i] >= cut[i] + reach.below[i] for i in range(nd)]).all(
            dim=0
        )
        part = net(Voxels.of(coords[inside], features[inside])).features
        torch.testing.assert_close(part[core[inside]], whole[core])


def test_the_max_pooling_net_sees_what_the_averaging_one_does() -> None:
    nets = (EncoderDecoder(1, 1, 2, (3, 4, 5), unpool=kind) for kind in ("max", "average"))
    first, second = map(receptive_field, nets)
    assert first == second


def test_the_usual_net() -> None:
    net = UNet(3, 5, 4, (16, 32, 64, 96), block="residual")
    assert total_stride(net) == (8, 8, 8)
    # Two 3-kernels a stage, down and up, and the cells of one coarse cell.
    assert receptive_field(net) == Reach((51,) * 3, (51,) * 3, (8,) * 3)


def test_instance_norm_sees_everything() -> None:
    assert receptive_field(UNet(3, 1, 2, (4, 8), norm="instance")) is None
    assert receptive_field(nn.Linear(1, 1)) is None
