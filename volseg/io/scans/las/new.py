"""LAS files of clouds that came from elsewhere."""

from __future__ import annotations

import io
from typing import Any

import laspy
import numpy as np
from laspy.point.record import ScaleAwarePointRecord
from numpy.typing import NDArray

from volseg.errors import InputError
from volseg.geometry.points import PointCloud
from volseg.io.scans.fields import RGB, additions, flatten
from volseg.io.scans.las import file as las_file
from volseg.io.scans.las.extra import extend
from volseg.io.scans.las.file import Prefix
from volseg.io.scans.las.header import COORDINATES, SOFTWARE_NAME, signed
from volseg.io.scans.las.relabel import put
from volseg.io.scans.las.scaling import choose_steps
from volseg.io.scans.las.scan import CLASSIFICATION, names_of


def new_file(cloud: PointCloud) -> tuple[Prefix, NDArray[np.uint8]]:
    """A LAS 1.4 file of a cloud: point format 7 with colours, else 6."""
    if not cloud.placed.all():
        raise InputError(
            f"LAS cannot hold the {int((~cloud.placed).sum()):,} points whose coordinates are NaN "
            "or infinite; write to .ply, .pcd, .npz or .csv, which can"
        )
    columns = flatten(additions(cloud, ()))
    header = laspy.LasHeader(version="1.4", point_format=7 if set(RGB) <= columns.keys() else 6)
    header.generating_software = SOFTWARE_NAME
    if cloud.crs is not None and cloud.crs_problem is None:
        import pyproj

        header.add_crs(pyproj.CRS.from_wkt(cloud.crs))
    header.scales, header.offsets = _scaling(cloud)
    points = ScaleAwarePointRecord.zeros(len(cloud), header=header)
    for i, axis in enumerate(COORDINATES):
        points[axis] = np.rint((cloud.xyz[:, i] - header.offsets[i]) / header.scales[i])
    if cloud.labels is not None:
        put(points, CLASSIFICATION, cloud.labels)
    standard = {*names_of(points)} - ({CLASSIFICATION} if cloud.labels is not None else set())
    taken = {*names_of(points), *COORDINATES, "x", "y", "z"}
    extra = {}
    for name, values in columns.items():
        if name not in standard or not _stored(points, name, values):
            extra[f"{name}_original" if name in taken else name] = values
    header.update(points)
    buffer = io.BytesIO()
    header.write_to(buffer)
    prefix = las_file.read_prefix(buffer, buffer.seek(0, 2) + buffer.seek(0))
    if cloud.labelled_by is not None:
        prefix = signed(prefix, cloud.labelled_by)
    records = points.array.view(np.uint8).reshape(len(cloud), header.point_format.size)
    return extend(prefix, records, extra)


def _stored(points: ScaleAwarePointRecord, name: str, values: NDArray[Any]) -> bool:
    """Write a standard dimension if it holds the values exactly; else leave it zero."""
    try:
        points[name] = values
        if np.array_equal(np.asarray(points[name]), values):
            return True
    except (OverflowError, ValueError, TypeError):
        pass
    points[name] = np.zeros(len(values), dtype=np.uint8)
    return False


def _scaling(cloud: PointCloud) -> NDArray[np.float64]:
    """Scales and offsets by axis, (2, 3); where none is better, a millimetre, or 1e-7 degrees."""
    usual = (0.001,) * 3 if cloud.metres_per_unit is not None else (1e-7, 1e-7, 0.001)
    steps = [choose_steps(*axis) for axis in zip(cloud.xyz.T, usual, strict=True)]
    return np.array(steps).T
