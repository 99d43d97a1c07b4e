"""Segment tiles in this process, one after another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import psutil

from volseg.data.scans.samples import Scan
from volseg.errors import InputError
from volseg.geometry.labels import IGNORE
from volseg.predict.scans.model import ScanModel
from volseg.predict.scans.part import K, Part, Votes
from volseg.predict.scans.spool import VOTE


@dataclass(frozen=True)
class Here:
    """This process, as a `volseg.predict.scans.part.Segmenter`."""

    model: ScanModel

    def free(self) -> int:
        """Bytes of memory that are free."""
        return int(psutil.virtual_memory().available)

    def __call__(self, parts: Iterable[tuple[K, Part]]) -> Iterator[tuple[K, Votes | InputError]]:
        """Votes of the own points of parts, in their order."""
        for key, part in parts:
            yield key, votes_of(self.model, part)


def votes_of(model: ScanModel, part: Part) -> Votes:
    """Votes of the own points of a part; noise says which kind it is."""
    scan = Scan("", part.metres, dict(part.attributes), noise=part.noise)
    votes = np.empty(part.own, dtype=VOTE)
    classes, votes["confidence"] = (
        values[: part.own] for values in model.classify(scan, tta=part.tta)
    )
    noise = 0 if part.noise is None else part.noise[: part.own]
    votes["label"] = np.where(classes == IGNORE, np.negative(noise), classes)
    return votes
