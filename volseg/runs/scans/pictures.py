"""Places in held-out scans, drawn as a network in training segments them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from PIL import Image
from torch import nn

from volseg.config import VoxelSpec
from volseg.data.scans.samples import LabelledScan, sample
from volseg.data.scans.store import CachedScan
from volseg.geometry.labels import IGNORE, LabelMap
from volseg.predict.scans.point_votes import segment_sample
from volseg.runs.pictures import Draw
from volseg.view.validation import ValidationRow, draw_scans, scan_row

SHOWN = 3
SIDES = 2
"""Width of a place, in crops of the training: little work beside an epoch."""


def scan_samples(
    scans: Sequence[CachedScan],
    voxels: VoxelSpec,
    crop: float,
    labels: LabelMap,
    device: torch.device,
) -> Draw:
    """Draws a place of each of a few scans: around the middle point of its rarest class."""
    many = min(SHOWN, len(scans))
    chosen = [scans[number * len(scans) // many] for number in range(many)]
    half = SIDES * crop / 2

    def scene(net: nn.Module, place: LabelledScan) -> ValidationRow:
        seen = sample(place, voxels.size, voxels.features)
        predicted, _ = segment_sample(net, seen, device, classes=len(labels))
        # Points of no certain class are of none here.
        truth = np.where(place.labels < len(labels), place.labels, IGNORE)
        return scan_row(place.name, place.metres, truth, predicted, labels)

    def draw(net: nn.Module) -> Image.Image:
        return draw_scans([scene(net, _place(scan, half, len(labels))) for scan in chosen], labels)

    return draw


def _place(scan: CachedScan, half: float, classes: int) -> LabelledScan:
    """The points around one of the rarest class there is."""
    counts = scan.columns.counts
    labels = np.flatnonzero(counts)
    if np.any(labels < classes):  # else there are but points of no certain class
        labels = labels[labels < classes]
    if len(labels):
        rarest = int(labels[counts[labels].argmin()])
        middle = scan.place(rarest, int(counts[rarest]) // 2)[:2]
    else:  # every point is ignored
        cells = scan.columns.cells()
        middle = (cells[len(cells) // 2] + 0.5) * scan.edge
    return scan.within(middle - half, middle + half)
