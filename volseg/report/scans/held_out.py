"""The scans that a run held out, segmented by what it learnt, one at a time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from torch import nn

from volseg.config import ScanConfig
from volseg.data.scans.samples import LabelledScan
from volseg.data.scans.store import CachedScan
from volseg.geometry.labels import IGNORE
from volseg.io.scans.pieces import extent_of
from volseg.models.load import load_scan_model
from volseg.predict.scans.model import ScanModel
from volseg.progress import Progress, counted
from volseg.report.held_out import check_held_out, nothing_held_out
from volseg.report.results import Results
from volseg.report.scans.case import ScanCase
from volseg.report.scans.results import report_scans
from volseg.report.section import CaseSection
from volseg.runs.scans.splits import load_held_out


def report_held_out_scans(
    run: Path,
    config: ScanConfig,
    data: Path,
    device: str,
    progress: Progress,
    net: nn.Module | None = None,
) -> tuple[Results, list[CaseSection]]:
    """Segment and score what training held out, as training scores it.

    Args:
        run: the run folder.
        config: of the run.
        data: folder of the scans.
        device: ``cpu``, ``cuda`` or ``auto``.
        progress: told how many scans are segmented.
        net: the network of a run on one of your own.

    Raises:
        InputError: if nothing was held out, or something else than of this data.
    """
    model = load_scan_model(run, device, net=net)
    with TemporaryDirectory() as cache:
        scans = load_held_out(config, data, Path(cache))
        if not scans:
            raise nothing_held_out(run)
        check_held_out(run, data, [scan.name for scan in scans])

        def segmented() -> Iterator[ScanCase]:
            for scan in counted(scans, "segmenting", len(scans), progress):
                yield _segmented(model, scan, data)

        return report_scans(segmented(), model.labels, len(scans))


def _segmented(model: ScanModel, cached: CachedScan, data: Path) -> ScanCase:
    """A held-out scan; points of no certain class are ignored."""
    scan = _in_memory(cached)
    predicted, confidence = model.classify(scan)
    truth = np.where(scan.labels < len(model.labels), scan.labels, IGNORE)
    place = extent_of(data / scan.name)
    crs = None if place is None else place.crs
    return ScanCase(scan.name, scan.metres, truth, predicted, confidence, crs)


def _in_memory(cached: CachedScan) -> LabelledScan:
    """All points of a scan."""
    pieces = [piece for _, piece in cached.blocks()]
    attributes = {
        name: np.concatenate([piece.attributes[name] for piece in pieces])
        for name in pieces[0].attributes
    }
    labels = [piece.labels for piece in pieces]
    metres = np.concatenate([piece.metres for piece in pieces])
    return LabelledScan(cached.name, metres, attributes, np.concatenate(labels))
