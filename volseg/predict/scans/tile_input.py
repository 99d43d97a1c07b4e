"""Tiles on their way to where they are segmented: this process, or workers of a cluster."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from volseg.data.scans.features import FeatureName
from volseg.errors import InputError
from volseg.geometry.labels import LabelMap

K = TypeVar("K")
Votes = NDArray[Any]
"""Of points, (N,) of `vote_type`."""

VOTE = np.dtype([("label", "<i2"), ("confidence", "<f4")])
"""A training id, or of noise the negative of its class in LAS; and its probability."""
CENTRE_VOTE = np.dtype([*VOTE.descr, ("cell", "<i4", 3), ("weight", "<u4")])
"""And the cell that a point of a thing votes for as the centre of its object, see
`volseg.predict.objects.centre`, and how much that weighs."""


def vote_type(labels: LabelMap) -> np.dtype[Any]:
    """How the votes of a model of these classes are kept."""
    return CENTRE_VOTE if labels.learns_objects else VOTE


@dataclass(frozen=True, eq=False)
class TileInput:
    """The points a tile is segmented by: first its own, which get votes, then those around.

    Attributes:
        metres: coordinates, float64 (N, 3).
        attributes: what features take from the file or the whole scan, float32 (N, k) each.
        noise: as of a `volseg.data.scans.samples.Scan`, int8 (N,), or None.
        own: number of own points, which come first.
        tta: take the mean over turned and mirrored views.
    """

    metres: NDArray[np.float64]
    attributes: Mapping[FeatureName, NDArray[np.float32]]
    noise: NDArray[np.int8] | None
    own: int
    tta: bool


class Segmenter(Protocol):
    """Where tiles are segmented."""

    def free(self) -> int:
        """Bytes of memory one tile may take there at most."""

    def __call__(
        self, tiles: Iterable[tuple[K, TileInput]]
    ) -> Iterator[tuple[K, Votes | InputError]]:
        """Votes of the own points of tiles, or why there are none, each with its tile's key.

        Tiles are taken from the iterable a few at a time; votes come as they are made.
        """
