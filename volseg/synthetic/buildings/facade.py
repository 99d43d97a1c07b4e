"""Measures that the parts of a house share."""

from __future__ import annotations

from dataclasses import dataclass

from volseg.synthetic.labels import Skin


@dataclass(frozen=True)
class Facade:
    """Measures of a house's front in metres: bays side by side, floors on top of each other.

    ``glazed`` is the share of bays with a window, ``blind`` that of windows nobody sees through.
    """

    width: float
    bays: int
    floors: int
    storey: float
    plinth: float
    recess: float
    glazed: float
    blind: float
    wall: Skin

    @property
    def height(self) -> float:
        """From the ground to the eaves."""
        return self.plinth + self.floors * self.storey + 0.3
