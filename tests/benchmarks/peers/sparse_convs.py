"""spconv's submanifold convolution with our weights."""

from __future__ import annotations

import spconv.pytorch as spconv
from spconv.core import ConvAlgo
from torch import Tensor


def tensor(coords: Tensor, features: Tensor) -> spconv.SparseConvTensor:
    """Their feature map of our coordinates (M, 4), batch first, at least 0."""
    shape = (coords[:, 1:].amax(0) + 1).tolist()
    batch = int(coords[:, 0].max()) + 1
    return spconv.SparseConvTensor(features, coords.int().contiguous(), shape, batch)


def submanifold(weight: Tensor) -> spconv.SubMConv3d:
    """Their layer of our weight (D, C, *kernel); it keeps its kernel map with the tensor."""
    out_channels, in_channels, kernel = weight.shape[:3]
    conv = spconv.SubMConv3d(
        in_channels, out_channels, kernel, bias=False, indice_key="map", algo=ConvAlgo.Native
    )
    conv.weight.data.copy_(weight.permute(0, 2, 3, 4, 1))
    return conv.eval()
