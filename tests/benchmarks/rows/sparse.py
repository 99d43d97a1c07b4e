"""Sparse convolutions and networks on grids of real scans."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from tests.benchmarks.row import Row, Side, near
from tests.benchmarks.scenes import SCANS, scan, sized, street
from volseg.geometry import PointCloud, voxelize
from volseg.nn import UNet, Voxels, functional
from volseg.nn.allocator import keep_freed_memory

SCENES = {"street": (SCANS["mobile"], 0.3), "airborne": (SCANS["airborne"], 0.4)}
"""Folders of real scans, and a voxel size in metres.

Boxes of fewer than 2**31 cells: in larger ones spconv 2.3.8 takes some cells for others.
"""


def scene(name: str) -> Tensor:
    """Cells of a real scene, int64 (M, 4), batch first."""
    folder, size = SCENES[name]
    return cells(scan(folder), size)[: sized(10**9, 3000)]


def cells(cloud: PointCloud, size: float) -> Tensor:
    """Cells of one scan, int64 (M, 4), batch first."""
    coords = torch.from_numpy(voxelize(cloud, size).coords)
    return torch.nn.functional.pad(coords, (1, 0))


class Submanifold(Row):
    """A convolution onto its own cells whose kernel map is there already."""

    peer = "spconv"
    races = True

    def __init__(self, name: str, channels: int, *, half: bool = False) -> None:
        torch.manual_seed(0)
        self.coords, self.half = scene(name), half
        self.features = torch.randn(len(self.coords), channels)
        self.weight = torch.randn(channels, channels, 3, 3, 3) / (27 * channels) ** 0.5
        self.wanted = 3 if half else 1.5
        kind = "bfloat16 beside float32" if half else "float32"
        self.work = (
            f"submanifold convolution 3^3, forward, {kind}: "
            f"{name}, {len(self.coords):,} voxels, {channels} channels"
        )

    def ours(self) -> Side:
        dtype = torch.bfloat16 if self.half else torch.float32
        x = Voxels.of(self.coords, self.features.to(dtype))
        weight = self.weight.to(dtype)

        def run() -> Tensor:
            with torch.inference_mode():
                return functional.conv(x, weight).features.float()

        return run

    def theirs(self) -> Side:
        from tests.benchmarks.peers import sparse_convs

        x, conv = (
            sparse_convs.tensor(self.coords, self.features),
            sparse_convs.submanifold(self.weight),
        )

        def run() -> Tensor:
            with torch.no_grad():
                return conv(x).features

        return run

    def agree(self, ours: Tensor, theirs: Tensor) -> str:
        off = near(ours, theirs, "features", 0.02 if self.half else 1e-5)
        return f"within {off:.0e} of the largest"


class KernelMap(Row):
    """A convolution of one channel on cells it has not seen: nearly all of it is the map."""

    peer = "spconv"
    wanted = 1.5
    races = True

    def __init__(self, name: str | None = None) -> None:
        """Of a real scene, or of a generated street."""
        many = sized(400_000, 5_000)
        self.coords = scene(name) if name else cells(street(4 * many), 0.1)[:many]
        many = len(self.coords)
        torch.manual_seed(0)
        self.features, self.weight = torch.randn(many, 1), torch.randn(1, 1, 3, 3, 3)
        self.work = "kernel map, cold, and a 1-channel 3^3 convolution: "
        self.work += f"{name or 'generated street'}, {many:,} voxels"

    def ours(self) -> Side:
        def run() -> Tensor:
            with torch.inference_mode():
                return functional.conv(Voxels.of(self.coords, self.features), self.weight).features

        return run

    def theirs(self) -> Side:
        from tests.benchmarks.peers import sparse_convs

        conv = sparse_convs.submanifold(self.weight)

        def run() -> Tensor:
            with torch.no_grad():
                return conv(sparse_convs.tensor(self.coords, self.features)).features

        return run

    def agree(self, ours: Tensor, theirs: Tensor) -> str:
        return f"within {near(ours, theirs, 'features', 1e-5):.0e} of the largest"


class SubmanifoldStep(Row):
    """Forward and backward, to the features and to the weights, kernel map there already."""

    peer = "ocnn"
    wanted, runs = 3, 3

    def __init__(self, name: str, channels: int) -> None:
        torch.manual_seed(0)
        self.coords = scene(name)
        self.features = torch.randn(len(self.coords), channels)
        self.slope = torch.randn(len(self.coords), channels)
        self.weight = torch.randn(channels, channels, 3, 3, 3) / (27 * channels) ** 0.5
        self.work = (
            f"submanifold convolution 3^3, forward and backward: "
            f"{name}, {len(self.coords):,} voxels, {channels} channels"
        )

    def ours(self) -> Side:
        x, weight = Voxels.of(self.coords, self.features), self.weight.clone().requires_grad_()

        def run() -> tuple[Tensor, ...]:
            features = self.features.clone().requires_grad_()
            out = functional.conv(x.with_features(features), weight).features
            return (out.detach(), *torch.autograd.grad(out, (features, weight), self.slope))

        return run

    def theirs(self) -> Side:
        from tests.benchmarks.peers import octrees

        tree, order = octrees.octree(self.coords)
        tree.construct_all_neigh()
        conv, slope = octrees.convolution(self.weight), self.slope[order]
        back = torch.empty_like(order)
        back[order] = torch.arange(len(order))

        def run() -> tuple[Tensor, ...]:
            features = self.features[order].requires_grad_()
            out = conv(features, tree, tree.depth)
            by_row, by_tap = torch.autograd.grad(out, (features, conv.weights), slope)
            return out.detach()[back], by_row[back], by_tap.permute(2, 1, 0)

        return run

    def agree(self, ours: Any, theirs: Any) -> str:
        ours = (*ours[:2], ours[2].flatten(2))
        names = ("features", "gradient of the features", "gradient of the weights")
        pairs = zip(ours, theirs, names, strict=True)
        return f"within {max(near(*pair, 1e-4) for pair in pairs):.0e} of the largest"


class UNetStep(Row):
    """A whole network with its kernel maps, which both build anew as for every new batch."""

    peer = "ocnn"
    wanted, runs = 3, 3
    widths, classes, channels = (32, 64, 128), 8, 4

    def __init__(self, name: str) -> None:
        torch.manual_seed(0)
        self.coords = scene(name)
        self.net = UNet(3, self.channels, self.classes, self.widths)
        self.features = torch.randn(len(self.coords), self.channels)
        self.slope = torch.randn(len(self.coords), self.classes)
        self.work = (
            f"sparse U-Net {self.widths}, forward and backward, maps included: "
            f"{name}, {len(self.coords):,} voxels"
        )

    def ours(self) -> Side:
        keep_freed_memory()  # as `volseg train` does
        first = self.net.encoder[0][0].first.conv.weight

        def run() -> tuple[Tensor, Tensor]:
            self.net.zero_grad()
            out = self.net(Voxels.of(self.coords, self.features)).features
            out.backward(self.slope)
            return out.detach(), first.grad

        return run

    def theirs(self) -> Side:
        from tests.benchmarks.peers import octrees

        peer = octrees.unet(self.net, self.channels, self.classes, self.widths)
        first = peer.encoder[0].first.conv.weights

        def run() -> tuple[Tensor, Tensor]:
            peer.zero_grad()
            tree, order = octrees.octree(self.coords)
            tree.construct_all_neigh()
            out = peer(self.features[order], tree)
            out.backward(self.slope[order])
            return torch.empty_like(out).index_copy_(0, order, out.detach()), first.grad

        return run

    def agree(self, ours: Any, theirs: Any) -> str:
        off = near(ours[0], theirs[0], "logits", 1e-3)
        near(ours[1].flatten(2), theirs[1].permute(2, 1, 0), "gradient of the first weights", 1e-2)
        return f"logits within {off:.0e} of the largest; first gradient too"
