"""The two Triton kernels of a sparse convolution.

Both gather rows through a kernel map while they multiply, so that nothing of the size of all
pairs is ever stored. Sums are kept in float32. No two programs write to one place.
"""

import torch
import triton
import triton.language as tl

# Tuning changes no shape of a block, and so no order of a sum. Without a GPU nothing can be timed.
_CONFIGS = [
    triton.Config({}, num_warps=warps, num_stages=stages)
    for warps, stages in ((4, 3), (4, 2), (4, 4), (8, 3))
]
_tune = triton.autotune(
    _CONFIGS if torch.cuda.is_available() else _CONFIGS[:1],
    key=["BLOCK_C", "BLOCK_D"],
    cache_results=True,
)


@_tune
@triton.jit
def gather_multiply(
    out, features, weight, rows, table, taps, tap_counts,
    C, D, TAPS, PLACES, TILE: tl.constexpr, BLOCK_C: tl.constexpr, BLOCK_D: tl.constexpr,
):  # fmt: skip
    """One tile and ``BLOCK_D`` channels of the output; only taps that the tile has."""
    tile = tl.program_id(0)
    places = tile * TILE + tl.arange(0, TILE)
    columns = tl.program_id(1) * BLOCK_D + tl.arange(0, BLOCK_D)
    chunks = tl.cdiv(C, BLOCK_C)
    total = tl.zeros((TILE, BLOCK_D), dtype=tl.float32)
    # One loop over taps and channels, so that loads run ahead over both.
    for step in range(tl.load(tap_counts + tile) * chunks):
        tap = tl.load(taps + tile * TAPS + step // chunks)
        channels = step % chunks * BLOCK_C + tl.arange(0, BLOCK_C)
        source = tl.load(table + tap.to(tl.int64) * PLACES + places)[:, None]
        gathered = tl.load(
            features + source.to(tl.int64) * C + channels[None, :],
            mask=(source >= 0) & (channels[None, :] < C),
            other=0.0,
        )
        matrix = tl.load(
            weight + (tap * C + channels[:, None]) * D + columns[None, :],
            mask=(channels[:, None] < C) & (columns[None, :] < D),
            other=0.0,
        )
        total = tl.dot(gathered, matrix, total, input_precision="ieee")
    target = tl.load(rows + places)[:, None]
    tl.store(
        out + target.to(tl.int64) * D + columns[None, :],
        total.to(out.dtype.element_ty),
        mask=(target >= 0) & (columns[None, :] < D),
    )


@_tune
@triton.jit
def weight_gradient(
    parts, features, grad, rows, table, tiles, tile_counts,
    C, D, TILES, PLACES, TILE: tl.constexpr, BLOCK_C: tl.constexpr, BLOCK_D: tl.constexpr,
):  # fmt: skip
    """One block of one tap's matrix, summed over one split of the tiles that have the tap."""
    across = tl.cdiv(D, BLOCK_D)
    channels = tl.program_id(0) // across * BLOCK_C + tl.arange(0, BLOCK_C)
    columns = tl.program_id(0) % across * BLOCK_D + tl.arange(0, BLOCK_D)
    tap = tl.program_id(1)
    split = tl.program_id(2)
    count = tl.load(tile_counts + tap)
    share = tl.cdiv(count, tl.num_programs(2))
    total = tl.zeros((BLOCK_C, BLOCK_D), dtype=tl.float32)
    for step in range(split * share, tl.minimum(split * share + share, count)):
        places = tl.load(tiles + tap * TILES + step) * TILE + tl.arange(0, TILE)
        source = tl.load(table + tap.to(tl.int64) * PLACES + places)[:, None]
        target = tl.load(rows + places)[:, None]
        seen = tl.load(
            features + source.to(tl.int64) * C + channels[None, :],
            mask=(source >= 0) & (channels[None, :] < C),
            other=0.0,
        )
        came = tl.load(
            grad + target.to(tl.int64) * D + columns[None, :],
            mask=(source >= 0) & (columns[None, :] < D),
            other=0.0,
        )
        total = tl.dot(tl.trans(seen), came, total, input_precision="ieee")
    place = (split * tl.num_programs(1) + tap).to(tl.int64) * C + channels[:, None]
    tl.store(
        parts + place * D + columns[None, :],
        total,
        mask=(channels[:, None] < C) & (columns[None, :] < D),
    )
