"""Voxel grids in NPZ files: the lattice, the way back to every point, and fields of voxels."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from volseg.errors import InputError
from volseg.geometry.voxelgrid import VoxelGrid
from volseg.io.naming import naming
from volseg.io.scans.npz import load_arrays, save_arrays

PARTS = ("coords", "origin", "size", "inverse", "counts")


def write_grid(
    path: Path, grid: VoxelGrid, fields: Mapping[str, NDArray[Any]], *, overwrite: bool = False
) -> None:
    """Save a grid with fields of its voxels, each (M, ...).

    Raises:
        InputError: if a field is of another length or takes a name of the grid's, or the file
            cannot be written.
    """
    for name, values in fields.items():
        if name in PARTS or len(values) != len(grid):
            raise InputError(
                f"field {name!r} of {len(values):,} values; wanted {len(grid):,}, one a voxel, and "
                f"a name other than {', '.join(PARTS)}"
            )
    parts = {name: np.asarray(getattr(grid, name)) for name in PARTS}
    save_arrays(path, {**parts, **fields}, overwrite=overwrite)


def read_grid(path: Path) -> tuple[VoxelGrid, dict[str, NDArray[Any]]]:
    """A grid and its fields, as `write_grid` saved them.

    Raises:
        InputError: if the file is damaged or holds no grid.
    """
    with naming(path):
        arrays = load_arrays(path)
        missing = [name for name in PARTS if name not in arrays]
        if missing:
            raise InputError(f"holds no voxel grid: it has no {', '.join(missing)}")
        parts = [arrays.pop(name) for name in PARTS]
        _check(*parts)
        coords, origin, size, inverse, counts = parts
        return VoxelGrid(coords, origin, float(size), inverse, counts), arrays


def _check(*parts: NDArray[Any]) -> None:
    """Refuse parts, in the order of `PARTS`, that do not make a grid together."""
    coords, origin, size, inverse, counts = parts
    shapes = coords.shape == (len(counts), 3) and origin.shape == (3,) and size.shape == ()
    integers = all(part.dtype == np.int64 for part in (coords, origin, inverse, counts))
    if not (shapes and integers and inverse.ndim == counts.ndim == 1):
        raise InputError("holds no voxel grid: its parts have other shapes or types")
    inside = inverse.size and -1 <= inverse.min() <= inverse.max() < len(counts)
    used = np.bincount(inverse + 1, minlength=len(counts) + 1)[1:] if inside else np.zeros(0)
    if not np.array_equal(used, counts):
        raise InputError("holds a damaged voxel grid: its points and voxels do not agree")
