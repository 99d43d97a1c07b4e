"""The surface of a mask in the world, and how it is lit."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from volseg.geometry.volume import spacing_of
from volseg.view.legend import Entry
from volseg.view.palette import RGB
from volseg.view.scene import Mesh
from volseg.view.window.display import load_open3d

# Cells of a mask that a screen can show; beyond it, several voxels make a cell.
MOST_CELLS = 2**22
# Steps of Taubin's smoothing (1995), which takes the stairs of voxels away and keeps the size.
SMOOTHING = 10
# From above, from the front and a little from the right, and how dark a side away from it is.
LIGHT = np.array([0.3, 0.5, 0.8]) / math.sqrt(0.98)
DARKEST = 0.5


def surface(
    mask: NDArray[np.bool_],
    affine: NDArray[np.float64],
    entry: Entry,
    most: int = MOST_CELLS,
    *,
    thin: bool = False,
) -> Mesh:
    """The closed surface around the voxels of a mask, half way to those outside.

    Args:
        mask: bool (X, Y, Z).
        affine: float64 (4, 4), from voxel indices to the world.
        entry: its name, and its colour where the light falls on it.
        most: how many cells may be looked at; a larger mask is averaged first.
        thin: whether a cell that any voxel of the mask lies in counts then, so that nothing thin
            is lost.
    """
    factors = coarsening(mask.shape, spacing_of(affine), most)
    shares = _averaged(mask, factors)
    cells = np.pad((shares > 0).astype(np.float32) if thin else shares, 1)
    corners, triangles = _contour(cells)
    if not len(triangles):
        nowhere = np.zeros((0, 3))
        return Mesh(nowhere, nowhere.astype(np.int64), nowhere.astype(np.uint8), entry.name)
    # Cell 1 of the padded array lies in the middle of the first voxels.
    indices = (corners - 1) * factors + (np.array(factors) - 1) / 2
    xyz = indices @ affine[:3, :3].T + affine[:3, 3]
    if np.linalg.det(affine[:3, :3]) < 0:
        triangles = triangles[:, ::-1]
    xyz, normals = _smooth(xyz, triangles)
    return Mesh(xyz, triangles, _lit(normals, entry.colour), entry.name)


def coarsening(
    shape: tuple[int, ...], spacing: NDArray[np.float64], most: int
) -> tuple[int, int, int]:
    """How many voxels along each axis make a cell, so that there are at most that many cells.

    The axis whose cells are the shortest is made coarser first.
    """
    factors = np.ones(3, dtype=np.int64)
    while math.prod(-(-np.array(shape) // factors)) > most:
        fine = np.where(factors < shape, factors * spacing, np.inf)
        factors[np.argmin(fine)] += 1
    x, y, z = factors.tolist()
    return x, y, z


def _averaged(mask: NDArray[np.bool_], factors: tuple[int, int, int]) -> NDArray[np.float32]:
    """The share of each cell that is in the mask, float32."""
    if factors == (1, 1, 1):
        return mask.astype(np.float32)
    ends = [(0, -side % factor) for side, factor in zip(mask.shape, factors, strict=True)]
    padded = np.pad(mask, ends)
    (a, x), (b, y), (c, z) = (
        (side // factor, factor) for side, factor in zip(padded.shape, factors, strict=True)
    )
    shares = padded.reshape(a, x, b, y, c, z).mean(axis=(1, 3, 5), dtype=np.float32)
    return np.asarray(shares, dtype=np.float32)


def _contour(cells: NDArray[np.float32]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Corners, in indices of the cells, and triangles of the surface at 0.5, seen from outside.

    Flying edges (Schroeder et al. 2015), which give what marching cubes give, by VTK in Open3D.
    """
    open3d = load_open3d()
    # Open3D takes the axes in the order z, y, x and gives corners as x, y, z.
    volume = open3d.core.Tensor(np.ascontiguousarray(cells.transpose(2, 1, 0)))
    mesh = open3d.t.geometry.TriangleMesh.create_isosurfaces(volume, [0.5])
    if "indices" not in mesh.triangle:
        return np.zeros((0, 3)), np.zeros((0, 3), dtype=np.int64)
    corners = mesh.vertex.positions.numpy().astype(np.float64)
    return corners, mesh.triangle.indices.numpy().astype(np.int64)


def _smooth(
    xyz: NDArray[np.float64], triangles: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The corners without stairs, and their normals."""
    open3d = load_open3d()
    mesh = open3d.geometry.TriangleMesh(
        open3d.utility.Vector3dVector(xyz), open3d.utility.Vector3iVector(triangles)
    )
    mesh = mesh.filter_smooth_taubin(SMOOTHING)
    mesh.compute_vertex_normals()
    return np.asarray(mesh.vertices).copy(), np.asarray(mesh.vertex_normals).copy()


def _lit(normals: NDArray[np.float64], colour: RGB) -> NDArray[np.uint8]:
    """Colours of corners, uint8 (V, 3): the hue stays, what looks away from the light is darker."""
    light = DARKEST + (1 - DARKEST) * (0.5 + 0.5 * normals @ LIGHT)
    return np.rint(light[:, None] * np.array(colour, dtype=np.float64)).astype(np.uint8)
