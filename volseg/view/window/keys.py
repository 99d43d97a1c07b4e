"""What the keys of the window do to a look; no window is needed to say it."""

from __future__ import annotations

from dataclasses import replace

from volseg.errors import InputError
from volseg.view.scene import Look, Scene, Slices

MODES = {
    "C": "class",
    "T": "truth",
    "E": "error",
    "O": "object",
    "P": "confidence",
    "H": "height",
    "I": "intensity",
    "R": "colour",
}
AFTER: dict[Slices, Slices] = {"all": "lying", "lying": "none", "none": "all"}
LISTED = 20
"""Spots that are listed at most."""
HELP = """\
C class   T truth   E error   O object   P confidence (probability)
H height   I intensity   R colour (red, green, blue)
M next of these, and of other attributes
1 ... 9 hide or show a class   0 show all
N next worst spot or object   B the one before   L lists them   V the whole
X fewer slices   S save a picture   F1 these lines
drag to turn, with ctrl or the right button to shift
wheel to zoom, click to ask, Q to close"""


def first_look(scene: Scene, colour: str | None) -> Look:
    """How a scene is looked at first: in the mode named, or in the most telling one.

    Raises:
        InputError: if the scene does not offer it.
    """
    if colour is None:
        return Look(scene.modes[0])
    for mode in scene.modes:
        if mode.lower() == colour.lower():
            return Look(mode)
    truth = "; truth and error need --truth FILE" if colour in ("truth", "error") else ""
    offers = ", ".join(scene.modes)
    raise InputError(f"cannot colour by {colour!r}; this one offers {offers}{truth}")


def press(key: str, look: Look, scene: Scene) -> Look:
    """The look after a key; the same where the key means nothing here.

    Args:
        key: a capital letter or a digit.
        look: the look before.
        scene: what is looked at.
    """
    if key.isdigit():
        return (
            replace(look, hidden=frozenset()) if key == "0" else toggle(look, int(key) - 1, scene)
        )
    if key in MODES:
        wanted = MODES[key]
        found = [mode for mode in scene.modes if mode.lower() == wanted]
        return replace(look, mode=found[0]) if found else look
    if key == "M":
        following = scene.modes.index(look.mode) + 1
        return replace(look, mode=scene.modes[following % len(scene.modes)])
    if key in "NB":
        return _step(look, scene, 1 if key == "N" else -1)
    if key == "V":
        return replace(look, focus=None, step=None)
    if key == "X":
        return replace(look, slices=AFTER[look.slices])
    return look


def toggle(look: Look, number: int, scene: Scene) -> Look:
    """The look with a class hidden, or shown again if it was."""
    if number >= len(scene.classes):
        return look
    return replace(look, hidden=look.hidden ^ {number})


def caption(look: Look, scene: Scene) -> str:
    """Which of the worst spots a look shows, in a line; nothing where it shows none."""
    if look.step is None:
        return ""
    spot = scene.spots[look.step]
    if spot.name:
        return f"worst object {look.step + 1} of {len(scene.spots)}: {spot.name}, {spot.count:,}"
    return f"worst spot {look.step + 1} of {len(scene.spots)}: {spot.count:,} wrong"


def listing(scene: Scene) -> str:
    """The worst spots, a line each, as `N` steps through them."""
    spots = scene.spots[:LISTED]
    if not spots:
        return "nothing is wrong, or no truth is known"
    lines = (
        f"{number}  {spot.name or 'wrong'}, {spot.count:,}, about {2 * spot.radius:.3g} "
        f"{scene.unit} across"
        for number, spot in enumerate(spots, start=1)
    )
    return "\n".join(lines)


def _step(look: Look, scene: Scene, way: int) -> Look:
    if not scene.spots:
        return look
    start = -1 if look.step is None and way > 0 else look.step or 0
    step = (start + way) % len(scene.spots)
    return replace(look, step=step, focus=scene.spots[step])
