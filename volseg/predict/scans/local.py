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
from volseg.predict.scans.tile_input import K, TileInput, Votes, vote_type


@dataclass(frozen=True)
class LocalSegmenter:
    """This process, as a `volseg.predict.scans.tile_input.Segmenter`."""

    model: ScanModel

    def free(self) -> int:
        """Bytes of memory that are free."""
        return int(psutil.virtual_memory().available)

    def __call__(
        self, tiles: Iterable[tuple[K, TileInput]]
    ) -> Iterator[tuple[K, Votes | InputError]]:
        """Votes of the own points of tiles, in their order."""
        for key, tile in tiles:
            yield key, votes_of(self.model, tile)


def votes_of(model: ScanModel, tile: TileInput) -> Votes:
    """Votes of the own points of a tile; noise says which kind it is."""
    scan = Scan("", tile.metres, dict(tile.attributes), noise=tile.noise)
    votes = np.zeros(tile.own, dtype=vote_type(model.labels))
    answer = model.vote(scan, tta=tile.tta)
    classes = answer.classes[: tile.own]
    noise = 0 if tile.noise is None else tile.noise[: tile.own]
    votes["label"] = np.where(classes == IGNORE, np.negative(noise), classes)
    votes["confidence"] = answer.confidence[: tile.own]
    if answer.cells is not None and answer.weights is not None:
        votes["cell"], votes["weight"] = answer.cells[: tile.own], answer.weights[: tile.own]
    return votes
