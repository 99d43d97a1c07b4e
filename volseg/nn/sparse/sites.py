"""Sites: the set of cells a sparse feature map lives on, and the kernel maps between sets.

A strided convolution has the sites ``floor(fine / stride)``, so that scenes do not swell on the way
down, and follows torch's phase, so that dense and sparse agree.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import final

import torch
from torch import Tensor

from volseg.errors import InputError
from volseg.nn.sparse.neighbours import Window, neighbour_table
from volseg.nn.sparse.pairs import Pairs

LARGEST = 2**53
"""Coordinates lie strictly within plus and minus this."""


@final
@dataclass(frozen=True, eq=False)
class Sites:
    """A set of cells of batched grids; immutable, compared by identity.

    Coarser sets and kernel maps are built when first asked for and kept, so that all layers of
    a network which live on the same cells share them.

    Attributes:
        coords: int64 (M, 1 + nd), batch index first, unique rows in the caller's order.
        batch_size: number of grids in the batch; some may have no cell.
        stride: cells of the finest grid along each axis of one of ours.
        lower: least value of every column, and 0 where there is no row.
        upper: largest value of every column, and 0 where there is no row.
        order: int64 (M,), the rows in lexicographic order; None where they already are.
        built_coarser: the coarser sets asked for so far, by stride.
        built_pairs: the pairs asked for so far, by the coarser set, None for our own, and window.
    """

    coords: Tensor
    batch_size: int
    stride: tuple[int, ...]
    lower: tuple[int, ...]
    upper: tuple[int, ...]
    order: Tensor | None
    built_coarser: dict[tuple[int, ...], Sites] = field(default_factory=dict, repr=False)
    built_pairs: dict[tuple[Sites | None, Window], Pairs] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, coords: Tensor, batch_size: int | None, stride: tuple[int, ...]) -> Sites:
        """Check and index a set of cells.

        Raises:
            InputError: if the coordinates have another shape or dtype, stand twice, lie outside
                the batch, or span more cells than a 64-bit key can name.
        """
        if coords.ndim != 2 or not 2 <= coords.shape[1] <= 4 or coords.dtype != torch.int64:
            raise InputError(
                f"voxel coordinates are {coords.dtype} {tuple(coords.shape)}, "
                "wanted int64 (M, 1 + nd) with the batch index first and nd 1, 2 or 3"
            )
        lower, upper = _bounds(coords)
        batch_size = upper[0] + 1 if batch_size is None else batch_size
        if lower[0] < 0 or (len(coords) and upper[0] >= batch_size):
            raise InputError(
                f"batch indices run from {lower[0]} to {upper[0]}, wanted 0 to {batch_size - 1}"
            )
        keys = cell_keys(coords, lower, upper)
        order = None
        if not bool((keys[1:] > keys[:-1]).all()):
            keys, order = keys.sort()
            if bool((keys[1:] == keys[:-1]).any()):
                raise InputError("a voxel coordinate stands twice; merge duplicates first")
        return cls(coords, batch_size, stride, lower, upper, order)

    def __len__(self) -> int:
        return len(self.coords)

    @property
    def nd(self) -> int:
        """Number of spatial axes."""
        return self.coords.shape[1] - 1

    def mapped(self, change: Callable[[Tensor], Tensor]) -> Sites:
        """The same cells in other memory, with all that is built on them."""
        order = None if self.order is None else change(self.order)
        made = Sites(
            change(self.coords), self.batch_size, self.stride, self.lower, self.upper, order
        )
        moved: dict[Sites | None, Sites | None] = {None: None}
        for stride, coarse in self.built_coarser.items():
            moved[coarse] = made.built_coarser[stride] = coarse.mapped(change)
        for (target, window), pairs in self.built_pairs.items():
            if target in moved:
                made.built_pairs[moved[target], window] = pairs.mapped(change)
        return made

    def tensors(self) -> Iterator[Tensor]:
        """All arrays of the cells and of what is built on them."""
        yield self.coords
        if self.order is not None:
            yield self.order
        for coarse in self.built_coarser.values():
            yield from coarse.tensors()
        for pairs in self.built_pairs.values():
            yield from pairs.tensors()

    def same_as(self, other: Sites) -> bool:
        """Whether the other set has the same cells in the same order, at the same stride."""
        return (
            (self.stride, self.batch_size) == (other.stride, other.batch_size)
            and self.coords.shape == other.coords.shape
            and bool((self.coords == other.coords).all())
        )

    def coarser(self, stride: tuple[int, ...]) -> Sites:
        """The sorted cells ``unique(floor(cell / stride))``; the same set at stride 1."""
        if all(step == 1 for step in stride):
            return self
        if stride not in self.built_coarser:
            self.built_coarser[stride] = self._coarsen(stride)
        return self.built_coarser[stride]

    def _coarsen(self, stride: tuple[int, ...]) -> Sites:
        steps = (1, *stride)
        lower = tuple(low // step for low, step in zip(self.lower, steps, strict=True))
        upper = tuple(high // step for high, step in zip(self.upper, steps, strict=True))
        scale = torch.tensor(steps, device=self.coords.device)
        cells = torch.div(self.coords, scale, rounding_mode="floor")
        keys = torch.unique(cell_keys(cells, lower, upper))
        columns = []
        for low, high in zip(lower[:0:-1], upper[:0:-1], strict=True):
            side = high - low + 1
            columns.append(keys % side + low)
            keys = torch.div(keys, side, rounding_mode="floor")
        coords = torch.stack((keys + lower[0], *reversed(columns)), dim=1)
        total = tuple(own * step for own, step in zip(self.stride, stride, strict=True))
        return Sites(coords, self.batch_size, total, lower, upper, None)

    def pairs_to(self, coarse: Sites, window: Window) -> Pairs:
        """The pairs of our cells and those of ``coarse`` that a window joins.

        Target rows are those of ``coarse``; `Pairs.reverse` swaps the sides.
        """
        # A set that named itself in its own cache would outlive its last user.
        key = (None if coarse is self else coarse, window)
        if key not in self.built_pairs:
            self.built_pairs[key] = self._build(coarse, window)
        return self.built_pairs[key]

    def _build(self, coarse: Sites, window: Window) -> Pairs:
        mirrored = coarse is self and window.is_symmetric
        below, above = window.reach()
        steps = window.stride
        box_lower = [
            0,
            *(s * low - b for s, low, b in zip(steps, coarse.lower[1:], below, strict=True)),
        ]
        box_upper = [
            0,
            *(s * up + a for s, up, a in zip(steps, coarse.upper[1:], above, strict=True)),
        ]
        lower = tuple(map(min, self.lower, box_lower))
        upper = tuple(map(max, self.upper, box_upper))
        upper = (max(upper[0], coarse.upper[0]), *upper[1:])
        keys = cell_keys(self.coords, lower, upper)
        scale = torch.tensor((1, *steps), device=self.coords.device)
        offset = torch.tensor((0, *below), device=self.coords.device)
        first = cell_keys(coarse.coords * scale - offset, lower, upper)
        if self.order is not None:
            keys = keys[self.order]
        sides = tuple(high - low + 1 for low, high in zip(lower[1:], upper[1:], strict=True))
        table = neighbour_table(keys, self.order, first, window, sides, mirrored=mirrored)
        return Pairs(table, len(self), mirrored)


def cell_keys(coords: Tensor, lower: tuple[int, ...], upper: tuple[int, ...]) -> Tensor:
    """One int64 a row, ordered as the rows are, distinct within the box ``lower`` to ``upper``.

    Raises:
        InputError: if the box has more cells than a 64-bit key can name.
    """
    sides = [high - low + 1 for low, high in zip(lower, upper, strict=True)]
    if math.prod(sides) >= 2**63 or max(map(abs, (*lower, *upper))) >= LARGEST:
        shown = " x ".join(map(str, sides))
        raise InputError(
            f"a batch of {shown} cells is more than a 64-bit key can name; "
            "use larger voxels, or remove stray points far from the scan"
        )
    keys = coords[:, 0] - lower[0]
    for axis, side in enumerate(sides[1:], start=1):
        keys = keys * side + (coords[:, axis] - lower[axis])
    return keys


def _bounds(coords: Tensor) -> tuple[tuple[int, ...], tuple[int, ...]]:
    if len(coords) == 0:
        return (0,) * coords.shape[1], (0,) * coords.shape[1]
    lower, upper = torch.aminmax(coords, dim=0)
    return tuple(lower.tolist()), tuple(upper.tolist())
