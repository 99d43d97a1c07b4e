"""How sure predicted volumes are, from the probabilities beside them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from volseg.data.volumes.encode import encode_volume
from volseg.errors import InputError
from volseg.geometry.labels import IGNORE, LabelMap
from volseg.io import volume_stem
from volseg.io.volumes.probabilities import SUFFIXES, read_confidence
from volseg.metrics.calibration import Reliability
from volseg.report.volumes.case import VolumeCase, read_case


def volume_reliability(cases: Sequence[VolumeCase], labels: LabelMap) -> Reliability | None:
    """The reliability of predictions that have ``a_probabilities`` beside ``a``.

    Returns:
        None if none has, or classes are regions, whose probabilities do not add up to 1.

    Raises:
        InputError: naming the file that cannot be read, or has another grid.
    """
    found = Reliability()
    for case in cases:
        file = _probabilities(case.pair.predicted)
        if file is not None and not labels.overlap:
            _count(case, file, labels, found)
    return found if found.counts.any() else None


def _probabilities(predicted: Path) -> Path | None:
    stem = f"{volume_stem(predicted)}_probabilities"
    beside = (predicted.with_name(stem + suffix) for suffix in SUFFIXES)
    return next((path for path in beside if path.is_file()), None)


def _count(case: VolumeCase, file: Path, labels: LabelMap, found: Reliability) -> None:
    read = read_case(case, labels)
    predicted, truth = read.predicted, read.truth
    sure = read_confidence(file)
    if ".npy" not in file.suffixes:
        sure = sure.canonical()
    if sure.grid != predicted.grid:
        raise InputError(f"has another grid than {case.pair.predicted}; predict anew", path=file)
    true = encode_volume(truth.array[0], labels)
    known = true != IGNORE
    right = true[known] == encode_volume(predicted.array[0], labels)[known]
    found.update(sure.array[0][known], right)
