"""A volume to look at."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from volseg.geometry.labels import LabelMap
from volseg.inference.volume_pairs import Pair
from volseg.report.scene import Scene, render


@dataclass(frozen=True)
class VolumeCase:
    """A case: its predicted and true labels, and the image's files where they are known.

    Attributes:
        pair: name, and files of labels.
        images: one file with all channels, or one file a channel; none where only labels are known.
    """

    pair: Pair
    images: tuple[Path, ...] = ()


def volume_scene(case: VolumeCase, labels: LabelMap, anchor: str) -> Scene:
    """What a report shows of one volume."""
    body = render("volume.html", predicted=case.pair.predicted, truth=case.pair.truth)
    return Scene(anchor, case.pair.name, body)
