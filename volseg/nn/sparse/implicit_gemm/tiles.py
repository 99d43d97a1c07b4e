"""Kernel maps laid out for a GPU: target rows that have like taps stand in one tile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final
from weakref import WeakKeyDictionary

import torch
import torch.nn.functional as F
from torch import Tensor

from volseg.nn.sparse.pairs import Pairs

TILE = 64
"""Rows a tile. Of streets and airborne scans, tiles of 64 rows multiply 1.5 to 1.6 products for
every pair that a kernel of 27 taps has; unsorted 2.6 to 5.6; tiles of 128 rows 1.6 to 1.7."""
WORD = 62
"""Taps whose presence one int64 key holds."""


@final
@dataclass(frozen=True, eq=False)
class TiledPairs:
    """The pairs of a kernel map in tiles of `TILE` places.

    A place holds a target row or, at the end, none. Both lists put what is present first, in
    ascending order; what follows is of no use.

    Attributes:
        rows: int32 (tiles * TILE,), the target row at each place, -1 for none.
        table: int32 (taps, tiles * TILE), its source row through each tap, -1 for none.
        taps: int32 (tiles, taps), the taps that rows of a tile have.
        tap_counts: int32 (tiles,), how many those are.
        tiles: int32 (taps, tiles), the tiles that have a tap.
        tile_counts: int32 (taps,), how many those are.
        targets: number of target rows.
        sources: number of source rows.
    """

    rows: Tensor
    table: Tensor
    taps: Tensor
    tap_counts: Tensor
    tiles: Tensor
    tile_counts: Tensor
    targets: int
    sources: int

    @classmethod
    def of(cls, pairs: Pairs) -> TiledPairs:
        """Sort and cut a kernel map, on its device and without waiting for it."""
        present = pairs.table >= 0
        order = _order(present)
        padding = (0, -pairs.targets % TILE)
        inside = F.pad(present.index_select(1, order), padding)
        any_row = inside.view(len(inside), -1, TILE).any(dim=2)
        taps, tap_counts = _listed(any_row.t())
        tiles, tile_counts = _listed(any_row)
        return cls(
            rows=F.pad(order.int(), padding, value=-1),
            table=F.pad(pairs.table.index_select(1, order), padding, value=-1).contiguous(),
            taps=taps,
            tap_counts=tap_counts,
            tiles=tiles,
            tile_counts=tile_counts,
            targets=pairs.targets,
            sources=pairs.sources,
        )


_KNOWN: WeakKeyDictionary[Pairs, TiledPairs] = WeakKeyDictionary()


def tiles_of(pairs: Pairs) -> TiledPairs:
    """The tiles of a kernel map, made once and kept as long as the map."""
    if pairs not in _KNOWN:
        _KNOWN[pairs] = TiledPairs.of(pairs)
    return _KNOWN[pairs]


def _order(present: Tensor) -> Tensor:
    """Target rows sorted by the set of their taps, int64 (M,); equal sets keep their order.

    Sets compare as binary numbers, the rarest tap their highest digit: what is common then
    varies within tiles that need it anyway.
    """
    digits = present.index_select(0, present.sum(dim=1).argsort(stable=True, descending=True))
    order = torch.arange(present.shape[1], device=present.device)
    for start in range(0, len(digits), WORD):
        keys = torch.zeros_like(order)
        for digit, tap in enumerate(digits[start : start + WORD]):
            keys += tap.long() << digit
        order = order[keys[order].argsort(stable=True)]
    return order


def _listed(flags: Tensor) -> tuple[Tensor, Tensor]:
    """Columns that are set in each row, then the others, int32 (R, K); how many are, int32 (R,)."""
    places = flags.byte().argsort(dim=1, descending=True, stable=True)
    return places.int().contiguous(), flags.sum(dim=1).int()
