"""Logits of a few of the voxels of held-out cases, with their true classes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from volseg.geometry.labels import IGNORE, LabelMap
from volseg.geometry.volume import Volume
from volseg.predict.volumes.sliding import Place
from volseg.runs.calibration import Thinning

INSIDE = ("outside", "inside")


class LogitSamples:
    """Gathers every so many of the voxels with a known truth, as they are segmented.

    Classes that are regions are not told apart: each asks of a voxel whether it is inside.
    """

    def __init__(self, labels: LabelMap, cases: int) -> None:
        """Expect so many cases."""
        self.labels, self.cases = labels, cases
        self._logits = [np.empty((0, len(self.classes)), np.float32)]
        self._truth = [np.empty(0, np.int64)]

    @property
    def classes(self) -> Sequence[str]:
        """What the columns of the logits are."""
        return INSIDE if self.labels.overlap else self.labels.names

    def of_case(self, truth: NDArray[Any], image: Volume) -> Callable[[Place, Tensor], None]:
        """What hears the logits of a case: its raw ids (X, Y, Z), and its image."""
        upright = Volume(truth[None], image.affine).canonical().array[0]
        ids = self.labels.encode(upright)
        overlap = self.labels.overlap
        thinned = Thinning(self.cases * upright.size * (len(self.labels) if overlap else 1))

        def hear(where: Place, logits: Tensor) -> None:
            here = ids[(..., *where)].reshape(*ids.shape[:-3], -1)
            known = np.flatnonzero((here != IGNORE).reshape(-1, here.shape[-1]).all(axis=0))
            chosen = thinned(known)
            rows = logits.reshape(len(logits), -1).cpu().numpy().T[chosen].astype(np.float32)
            if overlap:
                rows = np.stack((np.zeros_like(rows), rows), axis=-1).reshape(-1, 2)
            self._logits.append(rows)
            self._truth.append(here[..., chosen].T.reshape(-1).astype(np.int64))

        return hear

    def rows(self) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """Logits (N, K) and true classes (N,) of all that was heard."""
        return np.concatenate(self._logits), np.concatenate(self._truth)
