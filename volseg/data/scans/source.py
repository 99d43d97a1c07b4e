"""A labelled scan to prepare for training: where it is, what its labels mean, what it must have."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from volseg.data.scans.features import OF_VOXELS, Feature, FeatureName
from volseg.data.scans.objects import voting_classes
from volseg.errors import InputError
from volseg.geometry.labels import IGNORE, LabelMap
from volseg.geometry.points import PointCloud
from volseg.io.scans.files import files_of
from volseg.io.scans.formats import scan_stem
from volseg.io.scans.instances import true_instances
from volseg.io.scans.labels import true_labels
from volseg.io.stamp import stamp_of

LAYOUT = 3
"""Raised when scans are kept or prepared differently, so that those kept before are not taken."""


@dataclass(frozen=True)
class ScanSource:
    """A labelled scan, and how it is prepared.

    Attributes:
        path: its file.
        name: what it is called.
        labels: raw ids to training ids.
        label_field: the field of the labels; None for the usual one.
        features: the network's.
        edge: of the columns it is sorted by, in metres.
        crs: as in `volseg.io.read`.
        columns: as in `volseg.io.read`.
        noise: whether points that the file withholds or calls noise count.
        ignore_loose: whether points of things that are of no object count nowhere.
    """

    path: Path
    name: str
    labels: LabelMap
    label_field: str | None
    features: tuple[Feature, ...]
    edge: float
    crs: str | None = None
    columns: tuple[str, ...] | None = None
    noise: bool = False
    ignore_loose: bool = False

    @property
    def kept(self) -> tuple[FeatureName, ...]:
        """Names of the features its points have."""
        return tuple(one.name for one in self.features if one.name not in OF_VOXELS)

    @property
    def entry(self) -> str:
        """The folder of its entry: one for each file and way to prepare it."""
        ids = [one.ids for one in self.labels.classes], self.labels.ignore, self.labels.rest
        kept = [str(one) for one in self.features if one.name not in OF_VOXELS]
        ways = self.label_field, kept, self.edge, self.crs, self.columns, self.noise
        objects = (self.voting, self.ignore_loose) if self.voting else ()
        what = LAYOUT, str(self.path.absolute()), ids, *ways, *objects
        key = hashlib.sha256(json.dumps(what).encode()).hexdigest()[:16]
        return f"{scan_stem(self.path)}-{key}"

    @property
    def voting(self) -> tuple[int, ...]:
        """Training ids of the things whose points learn where the centre of their object is."""
        return voting_classes(self.labels)

    def truth(self, cloud: PointCloud) -> tuple[NDArray[np.int64], NDArray[np.int64] | None]:
        """Training ids of points, (N,), and ids of objects, (N,), or None where none are learnt.

        Raises:
            InputError: if the scan lacks what is to be learnt.
        """
        labels = true_labels(cloud)
        if labels is None:
            raise _lacks("label field; name it with --set data.label_field=NAME", cloud)
        classes = self.labels.encode(labels)
        if not self.voting:
            return classes, None
        instances = true_instances(cloud)
        if instances is None:
            raise _lacks("ids of objects, in a field such as 'instance' or 'treeID'", cloud)
        if self.ignore_loose:
            classes[np.isin(classes, self.voting) & (instances == 0)] = IGNORE
        return classes, instances

    def stamps(self) -> list[list[Any]]:
        """What tells its files from what they were before."""
        return [[*stamp_of(path)] for path in files_of(self.path)]


def _lacks(what: str, cloud: PointCloud) -> InputError:
    fields = ", ".join(cloud.attributes) or "none besides x, y, z"
    return InputError(f"the scan has no {what} (fields: {fields})")
