"""Class ids of a scan or a label map by other numbers, and nothing else changed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from volseg.errors import InputError
from volseg.io.atomic import check_target
from volseg.io.kinds import holds_scan
from volseg.io.scans.files import read, write
from volseg.io.scans.labels import true_labels
from volseg.io.volumes.files import read_label_volume, write_label_volume


def relabel(
    source: Path,
    target: Path,
    ids: Mapping[int, int],
    *,
    label_field: str | None = None,
    overwrite: bool = False,
) -> int:
    """Write a copy with other ids; those that are not named stay, and all change at once.

    Args:
        source: a scan with labels, or a label map.
        target: where the copy goes.
        ids: new ids by old ones.
        label_field: of a scan: the field that holds the labels.
        overwrite: replace an existing file.

    Returns:
        Number of points or voxels that changed.

    Raises:
        InputError: if the source has no labels, or the target exists or cannot hold the ids.

    Example:
        >>> cloud = vs.PointCloud(np.eye(3), labels=np.array([1, 2, 3]))
        >>> _ = vs.write("numbered.ply", cloud)
        >>> relabel(Path("numbered.ply"), Path("other.ply"), {1: 2, 2: 1})
        2
        >>> vs.read("other.ply").labels.tolist()
        [2, 1, 3]
    """
    check_target(target, overwrite=overwrite)
    if holds_scan(source):
        cloud = read(source, label_field=label_field)
        labels = true_labels(cloud)
        if labels is None:
            raise InputError("has no labels; name their field with --label-field", path=source)
        made = _mapped(labels, ids)
        write(target, cloud.with_labels(made), like=source, overwrite=overwrite)
        return int((made != labels).sum())
    if label_field is not None:
        raise InputError("--label-field goes with scans", path=source)
    voxels = read_label_volume(source).array[0]
    new = _mapped(voxels, ids)
    narrow = np.can_cast(np.min_scalar_type(int(new.max(initial=0))), voxels.dtype)
    kept = new.astype(voxels.dtype) if narrow and voxels.dtype.kind in "iu" else new
    write_label_volume(target, kept, like=source, overwrite=overwrite)
    return int((new != voxels).sum())


def _mapped(labels: NDArray[Any], ids: Mapping[int, int]) -> NDArray[np.int64]:
    values, inverse = np.unique(labels, return_inverse=True)
    table = np.array([ids.get(int(value), int(value)) for value in values], np.int64)
    return np.asarray(table[inverse].reshape(labels.shape), np.int64)
