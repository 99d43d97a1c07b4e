"""How the kernels are launched: shapes of blocks, and who sums what.

Sums run in an order that sizes and the kernel map alone decide: runs repeat bit by bit.
"""

from __future__ import annotations

import torch
from torch import Tensor

from volseg.nn.sparse.implicit_gemm import kernels
from volseg.nn.sparse.implicit_gemm.tiles import TILE, TiledPairs

PROGRAMS = 1024
"""Programs wanted of the weights' gradient, several for every processor of a large GPU."""


def gather_multiply(features: Tensor, weight: Tensor, tiles: TiledPairs) -> Tensor:
    """Every target row's sum over taps of its source row times the tap's matrix.

    Args:
        features: (N, C) of the source rows, contiguous.
        weight: (taps, C, D), contiguous, same dtype.
        tiles: the kernel map.

    Returns:
        (M, D), same dtype.
    """
    taps, inputs, outputs = weight.shape
    out = features.new_empty(tiles.targets, outputs)
    most_c, most_d = _largest_block(features.dtype)
    block_c, block_d = _reduced(inputs, most_c), _kept(outputs, most_d)
    grid = (len(tiles.tap_counts), _blocks(outputs, block_d))
    if out.numel():
        with torch.cuda.device_of(features):  # type: ignore[no-untyped-call]
            kernels.gather_multiply[grid](
                out, features, weight, tiles.rows, tiles.table, tiles.taps, tiles.tap_counts,
                inputs, outputs, taps, len(tiles.rows), TILE, block_c, block_d,
            )  # fmt: skip
    return out


def weight_gradient(features: Tensor, grad: Tensor, tiles: TiledPairs) -> Tensor:
    """For every tap the sum over its pairs of source row times gradient of the target row.

    Args:
        features: (N, C) of the source rows, contiguous.
        grad: (M, D) of the target rows, contiguous, same dtype.
        tiles: the kernel map.

    Returns:
        float32 (taps, C, D).
    """
    taps, count = tiles.tiles.shape
    inputs, outputs = features.shape[1], grad.shape[1]
    most_c, most_d = _largest_block(features.dtype)
    block_c, block_d = _kept(inputs, most_c), _kept(outputs, most_d)
    blocks = _blocks(inputs, block_c) * _blocks(outputs, block_d)
    splits = max(1, min(PROGRAMS // (taps * blocks), count))
    parts = features.new_empty(splits, taps, inputs, outputs, dtype=torch.float32)
    with torch.cuda.device_of(features):  # type: ignore[no-untyped-call]
        kernels.weight_gradient[(blocks, taps, splits)](
            parts, features, grad, tiles.rows, tiles.table, tiles.tiles, tiles.tile_counts,
            inputs, outputs, count, len(tiles.rows), TILE, block_c, block_d,
        )  # fmt: skip
    return parts.sum(dim=0)


def _largest_block(dtype: torch.dtype) -> tuple[int, int]:
    """Most channels of source and target rows in a block.

    Exact float32 has no tensor cores: its blocks are unrolled, which larger ones pay for in
    registers (all 255) and in compiling (10 s).
    """
    return (32, 64) if dtype == torch.float32 else (64, 128)


def _reduced(channels: int, most: int) -> int:
    """Channels a step sums over: at least a tensor core's 16, and few beyond the last."""
    if channels <= 16:
        return 16
    return 32 if 0 < channels % 64 <= 32 else most


def _kept(channels: int, most: int) -> int:
    """Channels a program writes, so many that gathered rows are rarely read twice."""
    return min(most, max(16, 1 << (channels - 1).bit_length()))


def _blocks(channels: int, block: int) -> int:
    """Blocks that cover all channels."""
    return -(-channels // block)
