"""A segmented scan and its truth, as a report has it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from volseg.evaluate.objects import ObjectSide
from volseg.geometry.labels import IGNORE
from volseg.view.scans.extent import inliers


@dataclass(frozen=True, eq=False)
class ScanCase:
    """A segmented scan and its truth.

    Attributes:
        name: what it is called.
        xyz: float64 (N, 3) in metres; None where only labels are known.
        truth: training ids, int64 (N,); `IGNORE` counts nowhere.
        predicted: training ids, int64 (N,).
        confidence: probability of the predicted class, float32 (N,), or None.
        crs: coordinate system as WKT, or None.
        ids: of objects in truth and prediction, int64 (N,) each, 0 in none; None where they are
            not told apart.
    """

    name: str
    xyz: NDArray[np.float64] | None
    truth: NDArray[np.int64]
    predicted: NDArray[np.int64]
    confidence: NDArray[np.float32] | None = None
    crs: str | None = None
    ids: tuple[NDArray[np.int64], NDArray[np.int64]] | None = None

    @property
    def wrong(self) -> NDArray[np.bool_]:
        """Points of known truth whose prediction is another, (N,)."""
        return np.asarray((self.truth != IGNORE) & (self.truth != self.predicted))

    @property
    def sides(self) -> tuple[ObjectSide, ObjectSide]:
        """Classes and objects of truth and prediction."""
        assert self.ids is not None
        return ObjectSide(self.truth, self.ids[0]), ObjectSide(self.predicted, self.ids[1])

    def near(self) -> ScanCase:
        """The same without points that lie far away from all others."""
        assert self.xyz is not None
        kept = inliers(self.xyz)
        if kept.all():
            return self
        sure = None if self.confidence is None else self.confidence[kept]
        truth, predicted = self.truth[kept], self.predicted[kept]
        ids = None if self.ids is None else (self.ids[0][kept], self.ids[1][kept])
        return replace(
            self, xyz=self.xyz[kept], truth=truth, predicted=predicted, confidence=sure, ids=ids
        )
