"""A segmented volume and its truth, read for a report."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from volseg.data.volumes.objects.truth import ObjectTruth
from volseg.evaluate.objects import ObjectSide
from volseg.evaluate.volumes.objects import read_objects
from volseg.evaluate.volumes.pairs import VolumePair
from volseg.evaluate.volumes.scores import read_pair
from volseg.geometry.labels import LabelMap
from volseg.geometry.volume import Volume


@dataclass(frozen=True)
class VolumeCase:
    """A case: its predicted and true labels, and the image's files where they are known.

    Attributes:
        pair: name, and files of labels.
        images: one file with all channels, or one file a channel; none where only labels are known.
        objects: whether the files tell objects apart.
        truth_ids: how the truth does so, where that is to be said.
    """

    pair: VolumePair
    images: tuple[Path, ...] = ()
    objects: bool = False
    truth_ids: ObjectTruth | None = None


@dataclass(frozen=True, eq=False)
class ReadCase:
    """What the files of a case hold, voxel on voxel.

    Attributes:
        predicted: raw ids of classes.
        truth: likewise.
        placed: whether the truth has a place in the world.
        sides: classes and objects of truth and prediction; None where objects are not told apart.
    """

    predicted: Volume
    truth: Volume
    placed: bool
    sides: tuple[ObjectSide, ObjectSide] | None = None


def read_case(case: VolumeCase, labels: LabelMap) -> ReadCase:
    """Read the labels of a case.

    Raises:
        InputError: naming the file that cannot be used.
    """
    if not case.objects:
        return ReadCase(*read_pair(case.pair))
    read = read_objects(case.pair, labels, case.truth_ids)
    truth, predicted = (
        replace(read.place, array=labels.decode(side.classes)[None])
        for side in (read.truth, read.predicted)
    )
    return ReadCase(predicted, truth, read.placed, (read.truth, read.predicted))
