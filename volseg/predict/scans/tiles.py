"""Segment a spooled scan tile after tile, each with a halo: the same classes as in one piece.

A tile is segmented with all points that its own can depend on; the votes of its own alone are
kept. Columns lie on the world's lattice in whole multiples of the network's stride, so that no
voxel and no coarser cell is ever cut. What is done is noted, and not done again.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from volseg.data.scans.range import Range
from volseg.data.scans.samples import prepare
from volseg.errors import InputError
from volseg.geometry.ground.ground import Ground
from volseg.geometry.points import PointCloud
from volseg.geometry.tiles import Tile, plan_tiles
from volseg.io.atomic import read_json, write_json
from volseg.nn.receptive import total_stride
from volseg.predict.scans.model import ScanModel
from volseg.predict.scans.spool import Lattice, Spool
from volseg.predict.scans.tile_input import TileInput, Votes

RING = 2
"""Columns of the halo: two, so that tiles fit their budget more closely than with one."""
ALONE = 64
"""Voxels along a column's side where there is no halo to fit."""
MEMORY = 1_600_000_000
"""Most bytes a tile may take, of half of what is free; larger ones gain nothing."""
POINT_BYTES, VOXEL_BYTES, WIDTH_BYTES = 250, 1500, 60
"""Bytes at work for a point, for a voxel, and for a voxel and a channel of the finest stage;
measured."""
PLAN, DONE = "plan.json", "done"


@dataclass(frozen=True)
class TileCost:
    """Bytes that segmenting takes at most, by points and voxels."""

    point: float
    voxel: float

    @classmethod
    def of(cls, model: ScanModel) -> TileCost:
        """What a model's network takes."""
        width = next(weight for weight in model.net.parameters() if weight.ndim > 1).shape[0]
        return cls(POINT_BYTES, VOXEL_BYTES + WIDTH_BYTES * width)

    def __call__(self, runs: NDArray[Any]) -> NDArray[np.float64]:
        """Bytes for every run."""
        made: NDArray[np.float64] = runs["points"] * self.point + runs["voxels"] * self.voxel
        return made


def lattice_of(model: ScanModel, *, tta: bool = False) -> Lattice:
    """Columns that hold whole cells of every stage, `RING` of which reach over the halo."""
    stride, halo = math.lcm(*(total_stride(model.net) or (1,))), model.halo(tta=tta)
    edge = ALONE if halo is None else max(1, halo) / RING
    return Lattice(model.voxel_size, stride * math.ceil(edge / stride))


def fingerprint(model: ScanModel) -> str:
    """What tells a model from every other, for files that must not mix the votes of two."""
    features = tuple(map(str, model.features))
    digest = hashlib.sha256(f"{model.net}{model.labels}{model.voxel_size}{features}".encode())
    if model.temperature != 1:
        digest.update(f"{model.temperature}".encode())
    for name, values in model.net.state_dict().items():
        digest.update(name.encode())
        digest.update(values.detach().cpu().reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()


class ScanTiles:
    """The tiles of a spooled scan: the points of each, and where its votes go.

    Args:
        model: a trained model.
        spool: the scan.
        around: adjoining scans, whose points are seen but get no votes.
        tta: take the mean over turned and mirrored views.
        settings: what the votes depend on; work under other settings is begun anew.
        free: bytes of memory there are.
        memory: bytes a tile may take; None for as many as pay.

    Attributes:
        todo: the numbers of those that have no votes yet.

    Raises:
        InputError: if the network needs the whole scan at once and that does not fit in memory.
    """

    def __init__(
        self,
        model: ScanModel,
        spool: Spool,
        around: Sequence[Spool],
        *,
        tta: bool,
        settings: Mapping[str, Any],
        free: int,
        memory: int | None = None,
    ) -> None:
        self.model, self.spool, self.tta = model, spool, tta
        self._every = [spool, *around]
        self._ring = 0 if model.halo() is None else RING
        self._tiles, done = _plan(model, self._every, {**settings, "tta": tta}, free, memory)
        self._context = spool.context.beside([other.context for other in around])
        self.todo = [number for number in range(len(self._tiles)) if number not in done]

    def input(self, number: int) -> TileInput:
        """The points of a tile, and after them those around it.

        Raises:
            InputError: if they lack an attribute the model needs.
        """
        core = self._core(number)
        seen = self._read(self._tiles[number], core)
        scan = prepare(seen, self.model.features, context=self._context)
        return TileInput(
            scan.metres, scan.attributes, scan.noise, int(core["points"].sum()), self.tta
        )

    @property
    def ground(self) -> Ground:
        """The ground under the scan, where a feature or a rule wants it."""
        return self._context.ground

    @property
    def range(self) -> Range:
        """What the scan is like."""
        return self._context.range

    def keep(self, number: int, votes: Votes) -> None:
        """Write the votes of a tile, and note that it is done."""
        self.spool.vote(self._core(number), votes)
        with (self.spool.folder / DONE).open("a", encoding="utf-8") as log:
            log.write(f"{number}\n")
        self.todo.remove(number)

    def name(self, number: int) -> str:
        """What errors call a tile: its number, and where it lies in the scan's own unit."""
        lattice, tile = lattice_of(self.model, tta=self.tta), self._tiles[number]
        spans = (
            f"{axis} {low * side:,.0f} to {high * side:,.0f}"
            for axis, low, high, side in zip(
                "xy",
                tile.lower,
                tile.upper,
                np.divide(lattice.size * lattice.edge, self.spool.metres_per_unit[:2]),
                strict=True,
            )
        )
        return f"tile {number + 1} of {len(self._tiles)} ({', '.join(spans)})"

    def points_done(self) -> int:
        """How many points have votes."""
        left = sum(int(self._core(number)["points"].sum()) for number in self.todo)
        return len(self.spool) - left

    def _core(self, number: int) -> NDArray[Any]:
        """The runs of a tile's own points."""
        runs = self.spool.runs
        return runs[self._tiles[number].holds(runs["column"])]

    def _read(self, tile: Tile, core: NDArray[Any]) -> PointCloud:
        clouds = [self.spool.read(core)]
        for spool in self._every:
            near = tile.holds(spool.runs["column"], self._ring)
            if spool is self.spool:
                near &= ~tile.holds(spool.runs["column"])
            clouds.append(spool.read(spool.runs[near]))
        return _joined(clouds)


def _joined(clouds: Sequence[PointCloud]) -> PointCloud:
    """Points of one scan after another; all are in one coordinate system."""
    return PointCloud(
        np.concatenate([cloud.xyz for cloud in clouds]),
        {
            name: np.concatenate([cloud.attributes[name] for cloud in clouds])
            for name in clouds[0].attributes
        },
        metres_per_unit=clouds[0].metres_per_unit,
    )


def _plan(
    model: ScanModel,
    every: Sequence[Spool],
    settings: dict[str, Any],
    free: int,
    memory: int | None,
) -> tuple[list[Tile], set[int]]:
    """The tiles of the first scan and the numbers of those done: those begun with, or new ones."""
    file, log = every[0].folder / PLAN, every[0].folder / DONE
    begun = read_json(file)
    if begun is not None and begun["settings"] == json.loads(json.dumps(settings)):
        made = [Tile((a, b), (c, d)) for a, b, c, d in begun["tiles"]]
        lines = log.read_text(encoding="utf-8").split("\n")[:-1] if log.exists() else []
        return made, {int(line) for line in lines}
    log.unlink(missing_ok=True)
    budget = min(MEMORY, free // 2) if memory is None else memory
    columns, costs, own = _columns(every, TileCost.of(model))
    if model.halo() is None:
        budget = int(costs.sum())
        if budget > free:
            raise InputError(
                "the network normalises over the whole scan, which takes about "
                f"{budget / 2**30:.1f} GiB at once, and {free / 2**30:.1f} GiB are free; cut the "
                "scan, or train with net.norm batch"
            )
    ring = 0 if model.halo() is None else RING
    tiles = plan_tiles(columns, costs, budget=budget, ring=ring, own=own)
    write_json(file, {"settings": settings, "tiles": [[*t.lower, *t.upper] for t in tiles]})
    return tiles, set()


def _columns(
    every: Sequence[Spool], cost: TileCost
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.bool_]]:
    """The columns of all scans, what each takes, and which hold points of the first scan."""
    runs = np.concatenate([spool.runs for spool in every])
    columns, index = np.unique(runs["column"], axis=0, return_inverse=True)
    index = index.reshape(-1)
    own = np.zeros(len(columns), dtype=np.bool_)
    own[index[: len(every[0].runs)]] = True
    costs = np.zeros(len(columns))
    np.add.at(costs, index, np.ceil(cost(runs)))
    return columns, costs, own
