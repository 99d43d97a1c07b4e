"""One class of a label map: stuff, or a thing whose objects are told apart."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from volseg.errors import InputError

Grouping = Literal["components", "centre", "border"]
"""How the cells of a thing become objects: by touching, by votes for a centre, or by cores that
grow up to the borders between them."""

VoteAxes = Literal["xy", "xyz"]


@dataclass(frozen=True)
class LabelClass:
    """One class: its name, the raw ids that mean it, its colour as ``#RRGGBB``.

    The first id is the one predictions are written with. A class is *stuff*, or a *thing* whose
    objects are counted one by one.

    Attributes:
        thing: whether the class has objects; a ``grouping`` says so too.
        grouping: how its cells become objects, ``components`` where only ``thing`` was said;
            None of stuff.
        radius: for points, how near two of one component are, in metres; None where no one said.
        scale: the length that ways to the centres of objects are counted in, about half an
            object, in metres, millimetres or pixels; None until training has measured it.
        min_points: how many points an object of a scan has at least; None where no one said.
        smallest: size below which what is found is no object, in square or cubic units of the
            spacing; None until training has measured it, and for none.
        axes: along which ways lead to centres: ``xy`` for what stands upright, seen from above;
            None for all.

    Raises:
        InputError: if ``radius`` or ``scale`` is not positive, or stands with stuff or with
            another grouping; or if stuff has a ``smallest``.
    """

    name: str
    ids: tuple[int, ...]
    colour: str
    thing: bool = False
    grouping: Grouping | None = None
    radius: float | None = None
    scale: float | None = None
    min_points: int | None = None
    smallest: float | None = None
    axes: VoteAxes | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "thing", self.thing or self.grouping is not None)
        object.__setattr__(
            self, "grouping", (self.grouping or "components") if self.thing else None
        )
        self._check_kind()
        for name in ("radius", "scale"):
            length = getattr(self, name)
            if length is not None and not 0 < length < math.inf:
                raise InputError(
                    f"the {name} of class {self.name!r} is {length}; wanted more than 0"
                )
        if self.smallest is not None and not 0 <= self.smallest < math.inf:
            raise InputError(
                f"the smallest object of class {self.name!r} is {self.smallest}; wanted 0 or more"
            )

    def _check_kind(self) -> None:
        """Whether what is said of objects goes with how they are grouped."""
        if self.min_points is not None and not (self.thing and self.min_points > 0):
            raise InputError(
                f"class {self.name!r} has min_points {self.min_points}; wanted 1 or more, of a "
                "class with 'thing: true'"
            )
        if self.radius is not None and self.grouping != "components":
            raise InputError(
                f"class {self.name!r} has a radius, which goes with things grouped by components; "
                "add 'thing: true', or leave the radius out"
            )
        if self.scale is not None and self.grouping in (None, "components"):
            raise InputError(
                f"class {self.name!r} has a scale, which goes with things grouped by 'centre' or "
                "'border'; name one, or leave the scale out"
            )
        if self.smallest is not None and not self.thing:
            raise InputError(
                f"class {self.name!r} has a smallest object and no objects; add 'thing: true', or "
                "leave 'smallest' out"
            )
        if self.axes is not None and self.grouping != "centre":
            raise InputError(
                f"class {self.name!r} has axes, which go with things grouped by 'centre'; name it, "
                "or leave the axes out"
            )
