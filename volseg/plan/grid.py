"""The grid a dataset is brought to: target spacing, and the images' size on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from volseg.errors import InputError
from volseg.geometry.resample import ANISOTROPIC, coarse_axis, resampled_grid
from volseg.plan.fingerprint import Fingerprint, Grid, Spacing

# Spacings are written with this many digits: those of files differ by rounding alone.
DIGITS = 6
MICROSCOPE = 0.01
"""Largest side of a voxel, in mm, below which no scanner of bodies has made the image."""


def rounded(value: float, digits: int = DIGITS) -> float:
    """A number with so many significant digits."""
    return float(f"{value:.{digits}g}")


def thick_axis(facts: Fingerprint) -> int | None:
    """The axis of few thick slices: spacing above three times, and less than a third as many."""
    spacing, size = np.median(facts.spacings, axis=0), np.median(facts.grids, axis=0)
    worst = int(spacing.argmax())
    others = [axis for axis in range(3) if axis != worst]
    thick = spacing[worst] > ANISOTROPIC * spacing[others].max()
    few = size[worst] * ANISOTROPIC < size[others].min()
    return worst if thick and few else None


def target_spacing(facts: Fingerprint) -> Spacing:
    """The median spacing; along an axis of few thick slices the 10th percentile.

    There the median would blur cases with thinner slices (Isensee et al. 2021); the axis stays
    as coarse as the others at least.
    """
    target = np.median(facts.spacings, axis=0)
    thick = thick_axis(facts)
    if thick is not None:
        others = np.delete(target, thick)
        target[thick] = max(np.percentile(facts.spacings[:, thick], 10), others.max())
    x, y, z = (rounded(float(side)) for side in target)
    return x, y, z


def median_grid(facts: Fingerprint, spacing: Spacing) -> Grid:
    """Median of the cases' sizes after resampling, voxels along each axis."""
    grids = [resampled_grid(frame.grid, frame.spacing, spacing) for frame in facts.frames]
    x, y, z = (int(side) for side in np.ceil(np.median(grids, axis=0)))
    return x, y, z


def slice_axis(spacing: Spacing, grid: Grid) -> int:
    """The axis that a 2-D network sees slices across.

    That of a single slice; else the coarse one (more than three times as coarse as the finest);
    else the coarsest by a tenth or more; else the last.
    """
    single = [axis for axis in (2, 1, 0) if grid[axis] == 1]
    if single:
        return single[0]
    coarse = coarse_axis(spacing)
    if coarse is not None:
        return coarse
    order = np.argsort(spacing, kind="stable")
    return int(order[2]) if spacing[order[2]] > 1.1 * spacing[order[1]] else 2


def seen_axes(spacing: Spacing, median: Grid, nd: int | None) -> tuple[int, ...]:
    """The axes the network sees: two for images of one slice or where two are wanted.

    Raises:
        InputError: if three are wanted of images of one slice, or two of a line.
    """
    flat = 1 in median
    if nd == 3 and flat:
        raise InputError(
            f"the median image has {' x '.join(map(str, median))} voxels, one slice; "
            "a 3-D network needs more: leave --nd 3 away"
        )
    across = slice_axis(spacing, median) if flat or nd == 2 else None
    axes = tuple(axis for axis in range(3) if axis != across)
    if any(median[axis] == 1 for axis in axes):
        raise InputError(
            f"the median image has {' x '.join(map(str, median))} voxels, a line; "
            "wanted images of two axes at least"
        )
    return axes


def mirror_axes(
    axes: Sequence[int], *, flat: bool, spacing: Spacing
) -> tuple[Literal[0, 1, 2], ...]:
    """The axes along which a mirrored image is as likely as the image.

    Bodies are nearly symmetric from left to right, and not otherwise; an image of one slice, and
    what a microscope sees, has no upright. Fewer axes are learnt sooner, and make mirrored
    prediction quicker.
    """
    every: tuple[Literal[0, 1, 2], ...] = (0, 1, 2)
    upright = not flat and max(spacing) > MICROSCOPE
    return tuple(axis for axis in every if axis in axes and (axis == 0 or not upright))
