"""E57 scans, read by pye57, which comes with the extra ``e57``: all scans of a file, in one world.

Written back they are not: E57 has no place for classes, and pye57 keeps neither its pictures nor
what extensions add.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from volseg.errors import InputError
from volseg.geometry.points import PointCloud
from volseg.io.scans import crs
from volseg.io.scans.codec import ScanCodec
from volseg.io.scans.labels import label_name, take_labels

CARTESIAN = ("cartesianX", "cartesianY", "cartesianZ")
SPHERICAL = ("sphericalRange", "sphericalAzimuth", "sphericalElevation")
INVALID = ("cartesianInvalidState", "sphericalInvalidState")
COLOUR = ("colorRed", "colorGreen", "colorBlue")
# Points read at once: a lying header is found out before its memory is taken.
BATCH = 1_000_000
INTEGERS = tuple(np.dtype(code) for code in ("u1", "i1", "u2", "i2", "u4", "i4", "i8"))

Columns = dict[str, NDArray[Any]]


def _library() -> Any:
    """The module of pye57 that reads nodes.

    Raises:
        InputError: if it is not installed.
    """
    try:
        return importlib.import_module("pye57").libe57
    except ImportError:
        raise InputError('needs pye57, which is not installed; pip install "volseg[e57]"') from None


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """The file as pye57's nodes; its errors as one line of ours."""
    library = _library()
    path.open("rb").close()  # a missing file is told in the usual words
    image = None
    try:
        image = library.ImageFile(str(path), "r")
        yield image
    except (library.E57Exception, RuntimeError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        reason = str(error).partition("\n")[0]
        raise InputError(f"is no E57 file, cut off or damaged ({reason}); copy it again") from None
    finally:
        if image is not None:
            image.close()


class E57Codec(ScanCodec):
    """Scans of E57, which volseg reads alone."""

    def read(self, path: Path, label_field: str | None) -> PointCloud:
        """Read every scan, turned and moved as its pose says; see `volseg.io.read`.

        Points marked invalid are left out. With several scans, ``scan`` is the number of each
        point's, and a field that only some of them have is 0 in the others.
        """
        with _opened(path) as image:
            root = image.root()
            nodes = root["data3D"] if root.isDefined("data3D") else ()
            scans = [_read_scan(image, nodes[i]) for i in range(len(nodes))]
            named = root.isDefined("coordinateMetadata")
            wkt = _system(root["coordinateMetadata"].value() if named else "")
        if not scans:
            raise InputError("holds no scan; E57 files of pictures alone have no points")
        xyz = np.concatenate([points for points, _ in scans])
        columns = _joined(scans)
        if set(COLOUR) <= columns.keys():
            columns["colour"] = np.stack([columns.pop(name) for name in COLOUR], axis=1)
        label = label_name([name for name in columns if columns[name].ndim == 1], label_field)
        labels = take_labels(columns, label, named=label_field is not None)
        return PointCloud(xyz, columns, labels, label_field=label, crs=wkt)


def _system(text: str) -> str | None:
    """The CRS, where it is one; coordinates of E57 are metres, so that no other is theirs."""
    try:
        return text if text.strip() and crs.metres_per_unit(text) == crs.METRES else None
    except InputError:
        return None


def _read_scan(image: Any, node: Any) -> tuple[NDArray[np.float64], Columns]:
    """Coordinates in the world, (N, 3), and the other fields of a scan's valid points."""
    columns = _read_columns(image, node["points"])
    valid = np.ones(len(next(iter(columns.values()), ())), bool)
    for name in INVALID:
        if name in columns:
            valid &= columns.pop(name) == 0
    columns = {name: values[valid] for name, values in columns.items()}
    if set(CARTESIAN) <= columns.keys():
        xyz = np.stack([columns.pop(name) for name in CARTESIAN], axis=1)
        columns = {name: values for name, values in columns.items() if name not in SPHERICAL}
    elif set(SPHERICAL) <= columns.keys():
        xyz = _from_angles(*(columns.pop(name) for name in SPHERICAL))
    else:
        raise InputError(f"has points without coordinates; they have {', '.join(columns)}")
    return _posed(xyz, node), columns


def _from_angles(
    reach: NDArray[np.float64], azimuth: NDArray[np.float64], elevation: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Cartesian coordinates (N, 3); elevation is over the plane of x and y, in radians."""
    flat = reach * np.cos(elevation)
    axes = (flat * np.cos(azimuth), flat * np.sin(azimuth), reach * np.sin(elevation))
    return np.stack(axes, axis=1)


def _posed(xyz: NDArray[np.float64], node: Any) -> NDArray[np.float64]:
    """Coordinates turned by the unit quaternion of a scan's pose, then moved."""
    if not node.isDefined("pose"):
        return xyz
    pose = node["pose"]
    if pose.isDefined("rotation"):
        turn = np.array([pose["rotation"][axis].value() for axis in "wxyz"])
        length = np.linalg.norm(turn)
        if not np.isfinite(length) or length == 0:
            raise InputError("has a scan whose pose is no rotation; its header is damaged")
        w, x, y, z = turn / length
        if (x, y, z) != (0, 0, 0):
            xyz = xyz @ np.array(
                [
                    [1 - 2 * (y * y + z * z), 2 * (x * y + w * z), 2 * (x * z - w * y)],
                    [2 * (x * y - w * z), 1 - 2 * (x * x + z * z), 2 * (y * z + w * x)],
                    [2 * (x * z + w * y), 2 * (y * z - w * x), 1 - 2 * (x * x + y * y)],
                ]
            )
    if pose.isDefined("translation"):
        xyz = xyz + np.array([pose["translation"][axis].value() for axis in "xyz"])
    return xyz


def _read_columns(image: Any, points: Any) -> Columns:
    """Every numeric field of a scan's points, read in batches until there are no more."""
    library = _library()
    prototype = library.StructureNode(points.prototype())
    names = [prototype.get(i).elementName() for i in range(prototype.childCount())]
    dtypes = {name: _dtype(name, prototype[name]) for name in names}
    wanted = {name: dtype for name, dtype in dtypes.items() if dtype is not None}
    room = min(points.childCount(), BATCH) or 1
    buffers = library.VectorSourceDestBuffer()
    arrays: Columns = {}
    for name, dtype in wanted.items():
        # pye57 takes 64 bits of an integer under this name of the type alone.
        arrays[name] = np.empty(room, np.longlong if dtype.kind in "iu" else np.float64)
        buffers.append(library.SourceDestBuffer(image, name, arrays[name], room, True, True))
    parts: dict[str, list[NDArray[Any]]] = {name: [np.empty(0, wanted[name])] for name in wanted}
    reader = points.reader(buffers)
    try:
        while count := reader.read():
            for name, values in arrays.items():
                parts[name].append(values[:count].astype(wanted[name]))
    finally:
        reader.close()
    return {name: np.concatenate(pieces) for name, pieces in parts.items()}


def _dtype(name: str, node: Any) -> np.dtype[Any] | None:
    """The smallest type that holds a field, None for texts."""
    kind = type(node).__name__
    if kind == "IntegerNode":
        low, high = node.minimum(), node.maximum()
        return next(
            dtype
            for dtype in INTEGERS
            if np.iinfo(dtype).min <= low and high <= np.iinfo(dtype).max
        )
    if kind == "FloatNode":
        narrow = node.precision() == _library().E57_SINGLE and name not in CARTESIAN + SPHERICAL
        return np.dtype(np.float32 if narrow else np.float64)
    return np.dtype(np.float64) if kind == "ScaledIntegerNode" else None


def _joined(scans: Sequence[tuple[NDArray[np.float64], Columns]]) -> Columns:
    """Fields of several scans one after the other, and the number of each point's scan."""
    joined: Columns = {}
    for name in dict.fromkeys(name for _, columns in scans for name in columns):
        kind = np.result_type(*(columns[name] for _, columns in scans if name in columns))
        parts = [columns.get(name, np.zeros(len(xyz), kind)) for xyz, columns in scans]
        joined[name] = np.concatenate(parts)
    if len(scans) > 1:
        numbers = np.arange(len(scans), dtype=np.int32)
        joined["scan"] = np.repeat(numbers, [len(xyz) for xyz, _ in scans])
    return joined
