"""What a window, a picture and a turntable all show: a scene, and how it is looked at."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from volseg.view.camera import View
from volseg.view.legend import Entry, Legend
from volseg.view.spots import Spot


@dataclass(frozen=True, eq=False)
class Points:
    """Points to draw: float64 (N, 3) in metres or millimetres, and uint8 (N, 3)."""

    xyz: NDArray[np.float64]
    colours: NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Mesh:
    """Triangles to draw, their colours as they are to appear.

    Attributes:
        xyz: float64 (V, 3), corners in metres or millimetres.
        triangles: int64 (T, 3), rows of ``xyz``.
        colours: uint8 (V, 3).
        name: of the legend's entry it stands for; a slice, which shows many, has none.
    """

    xyz: NDArray[np.float64]
    triangles: NDArray[np.int64]
    colours: NDArray[np.uint8]
    name: str = ""


Part = Points | Mesh
Slices = Literal["all", "lying", "none"]


@dataclass(frozen=True)
class Look:
    """How a scene is looked at.

    Attributes:
        mode: what gives the colours, one of the scene's modes.
        hidden: numbers of classes that are left out.
        focus: a place to see closely; None for the whole.
        step: which of the worst spots that is, from 0; None where it is none of them.
        slices: of volumes, which slices stand between the surfaces.
    """

    mode: str
    hidden: frozenset[int] = frozenset()
    focus: Spot | None = field(default=None, compare=False)
    step: int | None = None
    slices: Slices = "all"


class Scene(Protocol):
    """A scan or a volume, ready to be drawn; coordinates have one unit on all axes."""

    @property
    def title(self) -> str:
        """What it is, how large, and what is not drawn of it."""

    @property
    def note(self) -> str:
        """What to know of how errors are judged, a line; nothing where that is plain."""

    @property
    def unit(self) -> str:
        """The unit of its coordinates."""

    @property
    def modes(self) -> tuple[str, ...]:
        """What can give its colours, the most telling first."""

    @property
    def classes(self) -> tuple[Entry, ...]:
        """The classes that can be hidden; number ``n`` is the n-th."""

    @property
    def spots(self) -> list[Spot]:
        """Clusters of what is wrong, the largest first; none without a truth."""

    @property
    def view(self) -> View:
        """Where it is best seen from."""

    @property
    def headings(self) -> dict[View, float]:
        """Where the picture's right points to, radians from +x, for views not chosen by shape."""

    def outline(self) -> NDArray[np.float64]:
        """Points that a camera must frame to show the whole, float64 (n, 3)."""

    def parts(self, look: Look) -> list[Part]:
        """What to draw."""

    def legend(self, look: Look) -> Legend:
        """What its colours mean."""

    def describe(self, place: NDArray[np.float64], look: Look) -> str:
        """What is known of the point or voxel nearest to a place, (3,), line by line."""
