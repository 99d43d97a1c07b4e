"""What is written for the points of a scan, from their votes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from volseg.geometry.labels import IGNORE, LabelMap
from volseg.geometry.points import NOISE, UNCLASSIFIED
from volseg.predict.scans.codes import Heights
from volseg.predict.scans.job import ScanJob, ScanOptions
from volseg.predict.scans.spool import Spool

UNSURE = 0.5
"""Probability below which points are counted as unsure."""

Written = tuple[NDArray[np.int64], NDArray[np.float32] | None, NDArray[np.int64] | None]


@dataclass(frozen=True)
class WrittenLabels:
    """Codes, confidences and objects of a scan that has its votes.

    Attributes:
        job: the scan; what is written is counted in it.
        spool: its votes.
        labels: the model's classes.
        options: what is wanted.
        ground: height of the ground under points, asked for only where a rule wants it.
    """

    job: ScanJob
    spool: Spool
    labels: LabelMap
    options: ScanOptions
    ground: Heights

    def __call__(self, rows: slice) -> Written:
        """Those of some rows: as `volseg.io.scans.codec.Votes`."""
        votes = self.spool.votes(rows)
        codes, noise = self._decode(votes["label"]), votes["label"] < 0
        self.job.noise += int(noise.sum())
        if self.options.ground_only:
            codes[codes != self.labels.ground] = UNCLASSIFIED
        if self.options.mark_noise:
            codes[noise] = -votes["label"][noise]
        sure = np.array(votes["confidence"])
        objects = self.spool.objects(rows) if self.options.objects else None
        codes, kept = self._ruled(rows, codes, sure, noise)
        self._count(codes, kept, (sure < UNSURE) & ~noise)
        sure[kept] = 0
        if objects is not None:
            objects[kept] = 0
        return codes, sure if self.options.confidence else None, objects

    def highest(self) -> int:
        """The largest code that may be written."""
        written = self._decode(self.spool.classes()).max()
        return int(max(*NOISE, written, *self.options.rules.ids(self.labels)))

    def _ruled(
        self,
        rows: slice,
        codes: NDArray[np.int64],
        sure: NDArray[np.float32],
        noise: NDArray[np.bool_],
    ) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        rules, none = self.options.rules, np.zeros(len(codes), np.bool_)
        if not rules.changes:
            return codes, none
        marked = noise if self.options.mark_noise else none
        return rules.apply(self.labels, codes, sure, self.spool.points(rows), self.ground, marked)

    def _count(
        self, codes: NDArray[np.int64], kept: NDArray[np.bool_], unsure: NDArray[np.bool_]
    ) -> None:
        ids, counts = np.unique(codes, return_counts=True)
        self.job.classes.update(dict(zip(ids.tolist(), counts.tolist(), strict=True)))
        self.job.kept += int(kept.sum())
        self.job.unsure += int((unsure & ~kept).sum())

    def _decode(self, votes: NDArray[Any]) -> NDArray[np.int64]:
        """Class ids of votes; of noise that of no class."""
        return self.labels.decode(np.maximum(votes, IGNORE))
