"""Which points of a scan get the class a network gives them, and by which code in its file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from volseg.errors import InputError
from volseg.geometry.area import Polygons
from volseg.geometry.labels import LabelMap
from volseg.geometry.points import PointCloud

Heights = Callable[[NDArray[np.float64]], NDArray[np.float64]]
"""Height of the ground under points in metres, (N, 3)."""


@dataclass(frozen=True)
class ClassCodes:
    """The codes a class is written with.

    Attributes:
        name: the class.
        codes: one, or one a layer of height over the ground, from below.
        heights: metres over the ground at which a layer ends and the next begins.
    """

    name: str
    codes: tuple[int, ...]
    heights: tuple[float, ...] = ()


@dataclass(frozen=True)
class CodeRules:
    """What is written in place of a plain class for every point.

    Attributes:
        keep: codes that points of the file keep.
        only: the classes that are written; other points keep their code. All if empty.
        codes: codes for classes, in place of those of the model.
        below: a probability, and the code of points that are less sure of their class.
        area: where points get classes; those outside keep their code. Everywhere if None.
    """

    keep: tuple[int, ...] = ()
    only: tuple[str, ...] = ()
    codes: tuple[ClassCodes, ...] = ()
    below: tuple[float, int] | None = None
    area: Polygons | None = None

    @property
    def changes(self) -> bool:
        """Whether there is any rule."""
        return self != NO_RULES

    @property
    def keeps(self) -> bool:
        """Whether points may keep the code they have."""
        return bool(self.keep or self.only or self.area)

    @property
    def needs_ground(self) -> bool:
        """Whether codes depend on the height over the ground."""
        return any(one.heights for one in self.codes)

    def ids(self, labels: LabelMap) -> NDArray[np.int64]:
        """The codes that are written for classes, ascending.

        Raises:
            InputError: if a rule names a class that the label map lacks.
        """
        renamed = {entry.name: entry.codes for entry in self.codes}
        for name in (*self.only, *renamed):
            if name not in labels.names:
                known = ", ".join(labels.names)
                raise InputError(f"no class is called {name!r}; the model's are {known}")
        written = {
            code
            for entry in labels.classes
            if not self.only or entry.name in self.only
            for code in renamed.get(entry.name, entry.ids[:1])
        }
        unsure = () if self.below is None else self.below[1:]
        return np.array(sorted({*written, *unsure}), np.int64)

    def apply(
        self,
        labels: LabelMap,
        ids: NDArray[np.int64],
        confidence: NDArray[np.float32],
        cloud: PointCloud,
        ground: Heights,
        noise: NDArray[np.bool_],
    ) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """The codes of points.

        Args:
            labels: the model's classes.
            ids: raw ids of the points' classes, int64 (N,).
            confidence: probability of each, float32 (N,).
            cloud: the points, with the codes they have.
            ground: the ground under them.
            noise: points that are noise, bool (N,), and written as such, but where ``keep`` or
                ``area`` has them keep their code.

        Returns:
            The codes, int64 (N,), and which points keep what they have, bool (N,).
        """
        raw = {entry.name: entry.ids[0] for entry in labels.classes}
        made = ids.copy()
        for entry in self.codes:
            chosen = (ids == raw[entry.name]) & ~noise
            made[chosen] = _by_height(entry, cloud, chosen, ground)
        if self.below is not None:
            made[(confidence < self.below[0]) & ~noise] = self.below[1]
        kept = np.zeros(len(ids), np.bool_)
        if self.only:
            kept |= ~np.isin(ids, [raw[name] for name in self.only]) & ~noise
        if self.area is not None:
            kept |= ~self.area.holds(cloud.xyz[:, :2])
        if self.keeps and cloud.labels is not None:
            kept |= np.isin(cloud.labels, self.keep)
            made[kept] = cloud.labels[kept]
        return made, kept


NO_RULES = CodeRules()
"""Every point gets the plain class of the model."""


def _by_height(
    entry: ClassCodes, cloud: PointCloud, chosen: NDArray[np.bool_], ground: Heights
) -> NDArray[np.int64]:
    """The codes of some points of a class, int64 (n,)."""
    codes = np.array(entry.codes, np.int64)
    if not entry.heights:
        return np.repeat(codes, int(chosen.sum()))
    metres = cloud.metres()[chosen]
    return codes[np.searchsorted(entry.heights, metres[:, 2] - ground(metres), side="right")]
