"""Labels, and what comes with them, in the records a cloud came from."""

from __future__ import annotations

import warnings
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from laspy.point.record import ScaleAwarePointRecord
from numpy.typing import NDArray

from volseg.errors import InputError, InputWarning
from volseg.geometry.points import CONFIDENCES, PointCloud
from volseg.io.scans.fields import RGB, additions, check_count, flatten
from volseg.io.scans.labels import known
from volseg.io.scans.las import upgrade as las_upgrade
from volseg.io.scans.las.extra import extend, remove
from volseg.io.scans.las.file import Prefix
from volseg.io.scans.las.header import signed
from volseg.io.scans.las.scan import CLASSIFICATION, COPC, LasFile, names_of


@dataclass(frozen=True)
class Change:
    """What labels change of a file besides themselves, the same in all of its pieces.

    Attributes:
        upgrade: whether the point format holds too few classes, so that its successor is written.
        dropped: names of dimensions that told of the labels or the objects before.
    """

    upgrade: bool
    dropped: tuple[str, ...]

    def tell(self, path: Path, prefix: Prefix, *, renewed: bool) -> None:
        """Say what is not as it was; a confidence that is ``renewed`` needs no word."""
        old, remarks = prefix.format_id, list[str]()
        lost = [name for name in self.dropped if name in CONFIDENCES and not renewed]
        if lost:
            remarks.append(f"the {lost[0]} of the classes before is left out")
        if self.upgrade:
            remarks.append(
                f"point format {old} of LAS 1.{prefix.minor} holds classes 0 to "
                f"{las_upgrade.HIGHEST}, and there are larger ones: written as LAS 1.4, point "
                f"format {las_upgrade.SUCCESSORS[old]}, with all that it had"
            )
        for remark in remarks:
            warnings.warn(InputWarning(remark, path=path), stacklevel=2)


def change_of(scan: LasFile, cloud: PointCloud, highest: int | None = None) -> Change:
    """What a cloud's labels change; ``highest`` is the largest of all where it is a piece."""
    if highest is None and cloud.labels is not None:
        highest = int(known(cloud.labels).max(initial=0))
    classes = _label_field(scan, cloud) == CLASSIFICATION and las_upgrade.is_legacy(scan.prefix)
    return Change(classes and (highest or 0) > las_upgrade.HIGHEST, cloud.outdated)


def _label_field(scan: LasFile, cloud: PointCloud) -> str:
    names = names_of(scan.points)
    return cloud.label_field if cloud.label_field in names else CLASSIFICATION


def relabel(
    scan: LasFile, cloud: PointCloud, change: Change | None = None
) -> tuple[Prefix, NDArray[np.uint8]]:
    """Header and records of a scan with a cloud's labels, confidence and new attributes.

    Args:
        scan: the file, or a piece of it.
        cloud: its points, labelled.
        change: that of all pieces; None where the scan is no piece.

    Raises:
        InputError: if the cloud has another number of points, or a field cannot hold its labels.
    """
    check_count(cloud, len(scan.records))
    change = change or change_of(scan, cloud)
    present = set(names_of(scan.points)).difference(change.dropped)
    if change.upgrade:
        scan = las_upgrade.upgraded(scan)
    if change.dropped:
        prefix, records = remove(scan.prefix, scan.records, change.dropped)
        scan = replace(scan, prefix=prefix, records=records)
    points = scan.points
    names = names_of(points)
    if cloud.labels is not None:
        put(points, _label_field(scan, cloud), cloud.labels)
    if cloud.labelled_by is not None:
        scan = replace(scan, prefix=signed(scan.prefix, cloud.labelled_by))
    present |= {*names, "colour"} if set(RGB) <= set(names) else set(names)
    new = flatten(additions(cloud, present))
    for name in [name for name in new if name in names]:
        points[name] = new.pop(name)
    return extend(scan.prefix, scan.records, new)


def put(points: ScaleAwarePointRecord, field: str, labels: NDArray[np.int64]) -> None:
    """Write labels into a dimension, refusing those it cannot hold."""
    labels = known(labels)
    if field == CLASSIFICATION:
        wrong = labels[(labels < 0) | (labels > 255)]
        if len(wrong):
            raise InputError(
                f"class id {wrong[0]} does not fit LAS, which holds 0 to 255; use ids it holds, or "
                "write to .ply"
            )
    with suppress(OverflowError, ValueError):  # what did not fit is found below
        points[field] = labels
    if not np.array_equal(np.asarray(points[field]), labels):
        raise InputError(
            f"dimension {field!r} of type {points.point_format.dimension_by_name(field).dtype} "
            f"cannot hold class ids {labels.min()} to {labels.max()}; use ids it holds"
        )


def without_octree(
    prefix: Prefix, scan: LasFile, tail: tuple[int, bytes]
) -> tuple[Prefix, tuple[int, bytes]]:
    """Drop COPC's records: the file is written in one run, and an octree over it would lie."""
    if all(vlr.key[0] != COPC for vlr in prefix.vlrs):
        return prefix, tail
    start, after = tail
    kept = [evlr for evlr in scan.evlrs if evlr.key[0] != COPC]
    end = max(evlr.end for evlr in scan.evlrs) if scan.evlrs else start
    after = b"".join(after[e.start - start : e.end - start] for e in kept) + after[end - start :]
    vlrs = tuple(vlr for vlr in prefix.vlrs if vlr.key[0] != COPC)
    prefix = replace(prefix, vlrs=vlrs).with_field("I", 243, len(kept))
    return (prefix if kept else prefix.with_field("Q", 235, 0)), (start, after)
