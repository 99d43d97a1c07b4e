"""NumPy archives: ``xyz``, ``labels`` and attributes by name; never a pickle."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from volseg.errors import InputError
from volseg.geometry.points import PointCloud
from volseg.io.atomic import replacing
from volseg.io.naming import naming
from volseg.io.scans import crs
from volseg.io.scans.codec import ScanCodec
from volseg.io.scans.fields import additions, check_count, native
from volseg.io.scans.labels import fit, label_name, new_labels, take_labels

XYZ, LABELS, CRS = "xyz", "labels", "crs"


class NpzCodec(ScanCodec):
    """Archives of NumPy arrays."""

    names_systems = True

    def read(self, path: Path, label_field: str | None) -> PointCloud:
        """Read ``xyz`` (N, 3) and every array of N rows; see `volseg.io.read`."""
        return _cloud(load_arrays(path), label_field)

    def write(
        self, path: Path, cloud: PointCloud, like: Path | None, overwrite: bool
    ) -> list[Path]:
        """Write the cloud's arrays, or those of ``like`` with new labels; see `volseg.io.write`."""
        if like is None:
            taken = (XYZ, LABELS, CRS)
            arrays: dict[str, NDArray[Any]] = {
                f"{name}_original" if name in taken else name: values
                for name, values in additions(cloud, ()).items()
            }
            arrays[XYZ] = cloud.xyz
            if cloud.labels is not None:
                arrays[LABELS] = new_labels(cloud.labels)
            if cloud.crs is not None:
                arrays[CRS] = np.array(cloud.crs)
        else:
            with naming(like):
                arrays = _labelled(load_arrays(like), cloud)
        save_arrays(path, arrays, overwrite=overwrite)
        return [path]


def _cloud(
    arrays: Mapping[str, NDArray[Any]], label_field: str | None, *, strict: bool = True
) -> PointCloud:
    """The points of some arrays; where not ``strict``, the label field may hold anything."""
    xyz = arrays.get(XYZ)
    if xyz is None or xyz.ndim != 2 or xyz.shape[1] != 3 or xyz.dtype.kind not in "iuf":
        raise InputError(
            f"has no array 'xyz' of shape (N, 3); it has {', '.join(arrays) or 'none'}"
        )
    fields = {
        name: native(values)
        for name, values in arrays.items()
        if name != XYZ and values.shape[:1] == xyz.shape[:1] and values.dtype.kind in "biuf"
    }
    wanted = LABELS if label_field is None and LABELS in fields else label_field
    label = label_name([name for name, values in fields.items() if values.ndim == 1], wanted)
    labels = take_labels(fields, label, named=strict and label_field is not None)
    wkt = str(arrays[CRS]) if CRS in arrays and arrays[CRS].dtype.kind == "U" else None
    units, problem = crs.understood(wkt) if wkt else (crs.METRES, None)
    return PointCloud(
        xyz.astype(np.float64), fields, labels, None, label, wkt or None, units, problem
    )


def _labelled(arrays: dict[str, NDArray[Any]], cloud: PointCloud) -> dict[str, NDArray[Any]]:
    field = cloud.label_field if cloud.label_field in arrays else None
    source = _cloud(arrays, field, strict=False)
    check_count(cloud, len(source))
    new = additions(cloud, arrays)
    if cloud.labels is not None:
        field = source.label_field or cloud.label_field or LABELS
        dtype = arrays[field].dtype if field in arrays else np.dtype(np.int64)
        new[field] = fit(cloud.labels, dtype, field)
    return {**arrays, **new}


def load_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """Every array of an archive.

    Raises:
        InputError: if it is damaged, holds objects, or an array larger than its entry.
    """
    arrays = {}
    try:
        with zipfile.ZipFile(path) as archive:
            for info in archive.infolist():
                if info.filename.endswith(".npy"):
                    arrays[info.filename.removesuffix(".npy")] = parse_array(archive.read(info))
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        RuntimeError,
        ValueError,
        KeyError,
        OverflowError,
    ):
        raise InputError("is no NumPy archive, or a damaged one; save it again") from None
    return arrays


def parse_array(data: bytes) -> NDArray[Any]:
    """An array from the bytes of its ``.npy`` file, its size checked before memory is taken.

    Raises:
        InputError: if it is damaged, holds objects, or is larger than its bytes.
    """
    stream = io.BytesIO(data)
    try:
        version = npy.read_magic(stream)
        reader = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
        shape, fortran, dtype = reader(stream)
    except Exception:  # numpy lets through whatever parsing a damaged header may raise
        raise InputError("holds an array that cannot be read; save it again") from None
    if dtype.subdtype is not None:
        raise InputError(f"holds an array of {dtype}, which is no type of numbers; save it again")
    if dtype.hasobject:
        raise InputError("holds Python objects, which volseg does not load; save plain arrays")
    count = 1
    for side in shape:
        count *= side
    held = len(data) - stream.tell()
    if min(shape, default=0) < 0 or not dtype.itemsize or count * dtype.itemsize > held:
        raise InputError(f"is damaged: an array of shape {shape} is larger than its bytes")
    flat = np.frombuffer(data, dtype, count, stream.tell())
    return flat.reshape(shape, order="F" if fortran else "C").copy()


def save_arrays(path: Path, arrays: Mapping[str, NDArray[Any]], *, overwrite: bool) -> None:
    """Write arrays to a compressed archive, whole or not at all.

    Raises:
        InputError: if it cannot be written.
    """
    with (
        replacing(path, overwrite=overwrite) as stream,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
    ):
        for name, values in arrays.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as entry:
                npy.write_array(entry, values, allow_pickle=False)
