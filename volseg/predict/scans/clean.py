"""Noise of a scan marked without a network: low, high, isolated and doubled points."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from volseg.data.scans.context import ContextBuilder
from volseg.errors import InputError
from volseg.geometry.assumed import require_metres
from volseg.geometry.isolated import find_duplicates, find_isolated
from volseg.geometry.points import NOISE
from volseg.io.atomic import check_target
from volseg.predict.scans.job import ScanOptions

BY = "volseg clean"
LOW, HIGH = NOISE


@dataclass
class CleanedScan:
    """What was marked in a scan.

    Attributes:
        points: number of points that were looked at.
        low: those found below the ground.
        high: those found far above all else.
        isolated: those with few others about them, and neither.
        duplicates: those with the coordinates of an earlier point, and none of these.
        written: the files made.
    """

    points: int = 0
    low: int = 0
    high: int = 0
    isolated: int = 0
    duplicates: int = 0
    written: list[Path] = field(default_factory=list)


def clean_scan(
    source: Path, target: Path, options: ScanOptions, *, step: float = 4.0, others: int = 5
) -> CleanedScan:
    """Write a copy of a scan in which noise has the classes that LAS has for it.

    Low points and doubled ones become 7, high ones 18, isolated ones 7 or 18 as they lie below or
    above the ground. All other points keep their class. Memory holds the coordinates.

    Args:
        source: the scan.
        target: where the copy goes.
        options: how it is read and written.
        step: as in `find_isolated`.
        others: as in `find_isolated`.

    Raises:
        InputError: if the scan cannot be used, or the target exists.
    """
    check_target(target, overwrite=options.overwrite)
    scan, builder = options.pieces(source), ContextBuilder(ground=True)
    scan.check_ids(target, np.array(NOISE))
    pieces, metres, had = [], [], []
    for cloud in scan:
        pieces.append(cloud.xyz)
        metres.append(cloud.metres())
        had.append(np.zeros(len(cloud), np.int64) if cloud.labels is None else cloud.labels)
        builder.add(metres[-1], {})
    xyz, places, codes = np.concatenate(pieces), np.concatenate(metres), np.concatenate(had)
    if not len(xyz):
        raise InputError("has no points that count", path=source)
    require_metres(cloud, places.min(axis=0), places.max(axis=0))
    context = builder.context()
    noise = context.noise_of(places)
    alone = find_isolated(places, step=step, others=others) & (noise == 0)
    doubled = find_duplicates(xyz) & (noise == 0) & ~alone
    above = places[alone, 2] >= context.ground.under(places[alone])
    codes = np.where(noise > 0, noise, codes)
    codes[alone] = np.where(above, HIGH, LOW)
    codes[doubled] = LOW
    written = scan.relabel(
        target,
        lambda rows: (codes[rows], None, None),
        highest=int(max(HIGH, codes.max())),
        by=BY,
        overwrite=options.overwrite,
    )
    low, high = (int((noise == one).sum()) for one in NOISE)
    return CleanedScan(len(xyz), low, high, int(alone.sum()), int(doubled.sum()), written)
