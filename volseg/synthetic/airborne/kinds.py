"""Kinds of terrain and of airborne scanners, by name."""

from __future__ import annotations

from typing import Literal

Relief = Literal["plain", "hills", "steep", "terraces", "quarry", "cliffs", "dykes", "coast"]
"""``plain``: nearly flat. ``hills``: rolling. ``steep``: valleys with ridges and gullies.
``terraces``: slopes in steps behind walls. ``quarry``: benches and faces of a pit, heaps.
``cliffs``: rock steps. ``dykes``: polders with ditches. ``coast``: dunes, a bluff, and the sea."""
RELIEFS: tuple[Relief, ...] = (
    "plain", "hills", "steep", "terraces", "quarry", "cliffs", "dykes", "coast",
)  # fmt: skip

Flown = Literal["linear", "geiger", "nineties", "drone", "dense"]
"""``linear``: a usual survey, several echoes a pulse. ``geiger``: single photons from far above,
without echoes of their own. ``nineties``: first or last echoes only, wide beams, sparse.
``drone``: from 30 m and more, dense. ``dense``: a modern survey from about 1 km."""
FLOWN: tuple[Flown, ...] = ("linear", "geiger", "nineties", "drone", "dense")
