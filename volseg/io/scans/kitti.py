"""KITTI scans: ``.bin`` with float32 x, y, z, intensity, and ``.label`` with uint32 a point.

Other sensors' files have another number of floats a point, which `bin_width` tells.

SemanticKITTI (Behley et al. 2019) keeps the class in the low 16 bits of a label and the number
of the instance in the high 16.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from volseg.errors import InputError, InputWarning
from volseg.geometry.points import PointCloud
from volseg.io.atomic import write_files
from volseg.io.naming import naming
from volseg.io.scans.bin_width import NUSCENES, NUSCENES_WIDTH, USUAL, width_of
from volseg.io.scans.codec import ScanCodec
from volseg.io.scans.fields import check_count
from volseg.io.scans.instances import take_instances
from volseg.io.scans.labels import known, labels_beside

POINT, LABEL = np.dtype("<f4"), np.dtype("<u4")
FIELD = "label"
# float32 must hold coordinates to this, in their own units.
PRECISION = 1e-3


def label_path(scan: Path) -> Path:
    """Where the labels of a scan are: beside it, or in ``labels/`` beside ``velodyne/``."""
    beside = scan.with_suffix(".label")
    if scan.parent.name != "velodyne" or beside.exists():
        return beside
    sibling = scan.parent.parent / "labels" / beside.name
    return sibling if sibling.exists() else beside


def read_label_file(path: Path) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Classes and instances of a ``.label`` file, int64 (N,) each.

    Raises:
        InputError: if its size is no whole number of labels.
    """
    data = path.read_bytes()
    if len(data) % LABEL.itemsize:
        raise InputError(f"holds {len(data):,} bytes, no multiple of 4; it is cut off", path=path)
    both = np.frombuffer(data, LABEL)
    return (both & 0xFFFF).astype(np.int64), (both >> 16).astype(np.int64)


class KittiCodec(ScanCodec):
    """Scans of KITTI and of sensors like its own."""

    def read(self, path: Path, label_field: str | None) -> PointCloud:
        """Read a scan and its labels, if it has any; see `volseg.io.read`."""
        table = _table(path)
        names = _names(path, table.shape[1])
        attributes: dict[str, NDArray[Any]] = {
            name: table[:, i].copy() for i, name in enumerate(names, start=3)
        }
        labels, problem, source = None, None, label_path(path)
        if label_field not in (None, FIELD):
            raise InputError(f"has no field {label_field!r}; KITTI labels are the field {FIELD!r}")
        if source.exists():
            both, problem = labels_beside(source, _label_rows, len(table))
            if both is not None:
                labels, attributes["instance"] = both.T
            elif label_field is not None:
                raise InputError(problem or "")
        elif label_field is not None:
            raise InputError(f"has no labels: {source} does not exist")
        return PointCloud(
            xyz=table[:, :3].astype(np.float64),
            attributes=attributes,
            labels=labels,
            label_field=None if labels is None else FIELD,
            label_problem=problem,
        )

    def write(
        self, path: Path, cloud: PointCloud, like: Path | None, overwrite: bool
    ) -> list[Path]:
        """Write the scan, its labels as ``.label`` and its confidence as float32 ``.confidence``.

        Instance bits of the labels of ``like`` are kept where the cloud has no others. KITTI has
        no other fields: attributes but intensity are not written.
        """
        if like is None:
            files = {path: _scan(path, cloud)}
        else:
            with naming(like):
                files = {path: like.read_bytes()}
                check_count(cloud, len(_table(like)))
        if cloud.labels is not None:
            files[path.with_suffix(".label")] = _labels(cloud.labels, _instances(cloud, like))
        if cloud.confidence is not None:
            files[path.with_suffix(".confidence")] = cloud.confidence.astype(POINT).tobytes()
        return write_files(files, overwrite=overwrite)

    def beside(self, path: Path) -> list[Path]:
        """Files a scan is read from besides its own."""
        return [label_path(path)]


def _label_rows(path: Path) -> NDArray[np.int64]:
    return np.stack(read_label_file(path), axis=1)


def _table(path: Path) -> NDArray[np.float32]:
    """The floats of a file, (N, k), of which the first three are coordinates.

    Raises:
        InputError: if it holds no whole number of points.
    """
    data = path.read_bytes()
    if len(data) % POINT.itemsize:
        raise InputError(f"holds {len(data):,} bytes, no multiple of 16; it is no KITTI scan")
    floats = np.frombuffer(data, POINT)
    labels = label_path(path)
    labelled = labels.stat().st_size // LABEL.itemsize if labels.is_file() else None
    width, guessed = width_of(path, floats, labelled)
    if guessed:
        text = f"taken as {width} floats a point, which its values tell, not KITTI's {USUAL}"
        warnings.warn(InputWarning(text, path=path), stacklevel=3)
    return floats.reshape(-1, width).astype(np.float32)


def _names(path: Path, width: int) -> tuple[str, ...]:
    """What the floats behind the coordinates are called."""
    fifth = "ring" if path.name.lower().endswith(NUSCENES) else "column5"
    return ("intensity", fifth, *(f"column{i}" for i in range(6, width + 1)))[: width - 3]


def _scan(path: Path, cloud: PointCloud) -> bytes:
    width = NUSCENES_WIDTH if path.name.lower().endswith(NUSCENES) else USUAL
    table = np.zeros((len(cloud), width), dtype=POINT)
    table[:, :3] = cloud.xyz
    loss = float(np.abs(table[cloud.placed, :3] - cloud.xyz[cloud.placed]).max(initial=0.0))
    if loss > PRECISION:
        raise InputError(
            f"KITTI's 32-bit coordinates would move points by up to {loss:.3g}; write to .ply, "
            "which keeps every digit"
        )
    for i, name in enumerate(_names(path, width), start=3):
        values = cloud.attributes.get(name)
        if values is not None and values.ndim == 1:
            table[:, i] = values
    return table.tobytes()


def _instances(cloud: PointCloud, like: Path | None) -> NDArray[np.int64]:
    """Instances of the cloud that are new, else from the labels of ``like``, else the cloud's."""
    cloud = take_instances(cloud)
    if like is not None and (cloud.instances is None or cloud.instance_field is not None):
        source = label_path(like)
        both = labels_beside(source, _label_rows, len(cloud))[0] if source.exists() else None
        if both is not None:
            return both[:, 1]
    if cloud.instances is None:
        return np.zeros(len(cloud), np.int64)
    highest = cloud.instances.max(initial=0)
    if highest >= 2**16:
        raise InputError(
            f"instance {highest} does not fit KITTI's 16 bits of 0 to 65535; write to .ply or .laz"
        )
    return cloud.instances


def _labels(labels: NDArray[np.int64], instances: NDArray[np.int64]) -> bytes:
    labels = known(labels)
    wrong = labels[(labels < 0) | (labels >= 2**16)]
    if len(wrong):
        raise InputError(f"class id {wrong[0]} does not fit KITTI's 16 bits; use ids 0 to 65535")
    return (labels | instances << 16).astype(LABEL).tobytes()
