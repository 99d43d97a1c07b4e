"""Tiles on their way to where they are segmented: this process, or workers of a cluster."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from volseg.data.scans.features import FeatureName
from volseg.errors import InputError

K = TypeVar("K")
Votes = NDArray[Any]
"""Of points, (N,) of `volseg.predict.scans.spool.VOTE`."""


@dataclass(frozen=True, eq=False)
class Part:
    """Points to segment: first those to be given votes, after them those around.

    Attributes:
        metres: float64 (N, 3).
        attributes: what features take from the file or the whole scan, float32 (N, k) each.
        noise: as of a `volseg.data.scans.samples.Scan`, int8 (N,), or None.
        own: how many of them, the first, get votes.
        tta: take the mean over turned and mirrored views.
    """

    metres: NDArray[np.float64]
    attributes: Mapping[FeatureName, NDArray[np.float32]]
    noise: NDArray[np.int8] | None
    own: int
    tta: bool


class Segmenter(Protocol):
    """Where parts are segmented."""

    def free(self) -> int:
        """Bytes of memory one part may take there at most."""

    def __call__(self, parts: Iterable[tuple[K, Part]]) -> Iterator[tuple[K, Votes | InputError]]:
        """Votes of the own points of parts, or why there are none, each with its part's key.

        Parts are taken from the iterable a few at a time; votes come as they are made.
        """
