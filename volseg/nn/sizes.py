"""Sizes a kernel is described by: one number for all axes, or one an axis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from volseg.errors import InputError

Size = int | Sequence[int]
"""Kernel, stride, padding or dilation: an int for all axes, or one int an axis."""

S = TypeVar("S", bound=Size)


def per_axis(value: Size, nd: int, name: str, *, least: int = 1) -> tuple[int, ...]:
    """``value`` as one int an axis.

    Raises:
        InputError: if it has another number of axes, or an entry below ``least``.
    """
    sizes = (value,) * nd if isinstance(value, int) else tuple(value)
    if len(sizes) != nd:
        raise InputError(f"{name} {sizes} has {len(sizes)} axes, wanted {nd}")
    if any(size < least for size in sizes):
        raise InputError(f"{name} is {value}, wanted at least {least} on every axis")
    return sizes


def per_stage(value: int | Sequence[S], stages: int, name: str) -> tuple[int | S, ...]:
    """One size a stage, the same for all where one int is given.

    Raises:
        InputError: if there are more or fewer, or no stage at all.
    """
    if stages < 0:
        raise InputError("the widths are empty; wanted at least one stage")
    sizes: tuple[int | S, ...] = (value,) * stages if isinstance(value, int) else tuple(value)
    if len(sizes) != stages:
        raise InputError(f"{name} name {len(sizes)} sizes, wanted {stages}, by the widths")
    return sizes


def phase(kernel: Sequence[int], dilation: Sequence[int]) -> tuple[int, ...]:
    """Cells a kernel reaches below its own cell, ``floor(d (k - 1) / 2)`` an axis."""
    return tuple(d * (k - 1) // 2 for k, d in zip(kernel, dilation, strict=True))


def pool_phase(kernel: Sequence[int], stride: Sequence[int]) -> tuple[int, ...]:
    """Cells a pooling window reaches below its block, ``floor((k - s) / 2)`` an axis.

    Raises:
        InputError: if a window is smaller than its stride, so that no window sees some cells.
    """
    if any(k < s for k, s in zip(kernel, stride, strict=True)):
        raise InputError(
            f"pooling kernel {tuple(kernel)} is smaller than its stride {tuple(stride)}; "
            "use a kernel of at least the stride"
        )
    return tuple((k - s) // 2 for k, s in zip(kernel, stride, strict=True))
