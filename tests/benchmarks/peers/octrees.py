"""ocnn's octree convolutions, and our U-Net layer for layer in them, with our weights."""

from __future__ import annotations

import sys
import types
from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn


def _stand_in_for_torchvision() -> None:
    """Loading ocnn needs it for transforms of images alone; the true one wants its own torch."""
    if "torchvision" not in sys.modules:
        for name in ("torchvision", "torchvision.transforms", "torchvision.models"):
            sys.modules[name] = types.ModuleType(name)
        whole = sys.modules["torchvision"]
        whole.transforms = sys.modules["torchvision.transforms"]
        whole.models = sys.modules["torchvision.models"]
        whole.transforms.Compose = object
        whole.models.resnet18 = object


_stand_in_for_torchvision()

from ocnn.nn import OctreeConv, OctreeDeconv  # noqa: E402
from ocnn.octree import Octree, Points  # noqa: E402


def octree(coords: Tensor) -> tuple[Octree, Tensor]:
    """An octree whose finest cells are ours, (M, 4) batch first, and our row of each of them."""
    batch, cells = coords[:, :1], coords[:, 1:]
    depth = max(int(cells.max()).bit_length(), 3)
    size = int(batch.max()) + 1
    centres = (cells.double() + 0.5) / 2 ** (depth - 1) - 1
    tree = Octree(depth, full_depth=2, batch_size=size)
    tree.build_octree(Points(centres.float(), batch_id=batch.int(), batch_size=size))
    x, y, z, number = tree.xyzb(depth, nempty=True)
    keys, order = _keys(coords, cells).sort()
    wanted = _keys(torch.stack((number, x, y, z), 1).long(), cells)
    return tree, order[torch.searchsorted(keys, wanted)]


def _keys(coords: Tensor, cells: Tensor) -> Tensor:
    _, height, depth = (cells.amax(0) + 1).tolist()
    side = int(cells[:, 0].max()) + 1
    number, x, y, z = coords.t()
    return ((number * side + x) * height + y) * depth + z


def convolution(weight: Tensor) -> OctreeConv:
    """Their layer of our weight (D, C, *kernel)."""
    out_channels, in_channels, kernel = weight.shape[:3]
    conv = OctreeConv(in_channels, out_channels, [kernel], nempty=True)
    conv.weights.data.copy_(weight.flatten(2).permute(2, 1, 0))
    return conv


class Unit(nn.Module):
    """Convolution, batch normalisation, rectifier."""

    def __init__(self, before: int, after: int, kernel: int = 3, stride: int = 1) -> None:
        super().__init__()
        self.conv = OctreeConv(before, after, [kernel], stride, nempty=True)
        self.norm = nn.BatchNorm1d(after)

    def forward(self, x: Tensor, tree: Octree, depth: int) -> Tensor:
        return torch.relu_(self.norm(self.conv(x, tree, depth)))


class Block(nn.Module):
    """Two units."""

    def __init__(self, before: int, after: int) -> None:
        super().__init__()
        self.first, self.second = Unit(before, after), Unit(after, after)

    def forward(self, x: Tensor, tree: Octree, depth: int) -> Tensor:
        return self.second(self.first(x, tree, depth), tree, depth)


class UNet(nn.Module):
    """`volseg.nn.UNet` of plain blocks, in three dimensions."""

    def __init__(self, in_channels: int, classes: int, widths: Sequence[int]) -> None:
        super().__init__()
        pairs = list(pairwise(widths))
        self.encoder = nn.ModuleList([Block(in_channels, widths[0])])
        self.encoder.extend(Block(width, width) for width in widths[1:])
        self.down = nn.ModuleList(Unit(fine, coarse, 2, 2) for fine, coarse in pairs)
        self.up = nn.ModuleList(
            OctreeDeconv(coarse, fine, [2], 2, nempty=True, use_bias=True) for fine, coarse in pairs
        )
        self.decoder = nn.ModuleList(Block(2 * fine, fine) for fine, _ in pairs)
        self.head = nn.Linear(widths[0], classes)

    def forward(self, x: Tensor, tree: Octree) -> Tensor:
        depth, skips = tree.depth, []
        x = self.encoder[0](x, tree, depth)
        for down, block in zip(self.down, self.encoder[1:], strict=True):
            skips.append(x)
            x = block(down(x, tree, depth), tree, depth - 1)
            depth -= 1
        for level in reversed(range(len(skips))):
            x = torch.cat((skips.pop(), self.up[level](x, tree, depth)), 1)
            depth += 1
            x = self.decoder[level](x, tree, depth)
        return self.head(x)


def unet(net: nn.Module, in_channels: int, classes: int, widths: Sequence[int]) -> UNet:
    """Their network with the weights of ours."""
    peer = UNet(in_channels, classes, widths)
    weights = peer.state_dict()
    for name, value in net.state_dict().items():
        ours = name.replace(".0.first", ".first").replace(".0.second", ".second")
        if value.ndim == 5:
            ours = ours.removesuffix("weight") + "weights"
            value = value.flatten(2).permute(2, 1, 0)
        if weights[ours].shape != value.shape:
            raise ValueError(f"{ours} of shape {tuple(weights[ours].shape)} for {name}")
        weights[ours] = value
    peer.load_state_dict(weights)
    return peer
