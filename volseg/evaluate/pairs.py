"""What is compared with what, found out once: scans or volumes, and which file with which."""

from __future__ import annotations

from pathlib import Path

from volseg.errors import InputError
from volseg.evaluate.scans.pairs import ScanPairs, pair_scans
from volseg.evaluate.volumes.pairs import VolumePairs, find_truth, pair_volumes


def pair_predictions(predicted: Path, truth: Path) -> ScanPairs | VolumePairs:
    """Pairs of predictions and their truth; the truth says of what kind.

    Args:
        predicted: a scan, a label volume, or a folder of them.
        truth: the same; of volumes also a dataset.

    Raises:
        InputError: if a path does not exist, or nothing is a pair; and as `pair_scans` and
            `pair_volumes`.
    """
    for path in (predicted, truth):
        if not path.exists():
            raise InputError("no such file or folder", path=path)
    volumes = find_truth(predicted, truth)
    if volumes is None:
        return pair_scans(predicted, truth)
    return pair_volumes(predicted, truth, volumes)
