"""Classes that are left and right of each other, by their names."""

from __future__ import annotations

import re
from collections.abc import Sequence

SIDES = (
    ("left", "right"), ("l", "r"), ("lh", "rh"), ("lt", "rt"), ("lft", "rgt"), ("os", "od"),
    ("links", "rechts"), ("linke", "rechte"), ("lewy", "prawy"), ("lewa", "prawa"),
    ("gauche", "droite"), ("gauche", "droit"), ("izquierda", "derecha"), ("izq", "der"),
    ("izquierdo", "derecho"), ("esquerda", "direita"), ("esquerdo", "direito"),
    ("sinistra", "destra"), ("sinistro", "destro"), ("sinistra", "dextra"),
    ("sinister", "dexter"), ("sin", "dx"), ("sx", "dx"), ("vänster", "höger"), ("左", "右"),
)  # fmt: skip
"""Words for left and right."""

UNNAMED = "its other side, which has no class"
"""What a mirror exchanges a class with whose name says a side, and that is alone in it."""

START, END = r"(?<![^\W\d_])", r"(?![^\W\d_])"
PATTERNS = [
    # A short word stands alone, or (`lv` and `rv`) is the first letter of one.
    (re.compile(f"{START}{left}{END}" if left.isascii() and len(left) < 4 else left), right)
    for left, right in SIDES
] + [(re.compile(f"{START}l"), "r")]


def side_pairs(names: Sequence[str]) -> list[tuple[str, str]]:
    """Names that differ by a word for left and one for right, in this order."""
    plain = {_words(name): name for name in names}
    pairs = []
    for words, name in plain.items():
        for pattern, right in PATTERNS:
            partner = plain.get(pattern.sub(right, words), name)
            if partner != name and (name, partner) not in pairs:
                pairs.append((name, partner))
    return pairs


def lone_sides(names: Sequence[str]) -> list[str]:
    """Names with a word for left or right whose other side has no name.

    Words of a few letters tell less than a pair of names does, and count only in pairs.
    """
    paired = {name for pair in side_pairs(names) for name in pair}
    words = {word for pair in SIDES for word in pair if len(word) > 3}
    return [name for name in names if name not in paired and words & set(_words(name).split())]


def _words(name: str) -> str:
    """A name in lower case, its words apart: ``LeftKidney`` and ``left_kidney`` are one."""
    name = re.sub(r"(?<=[^\W\d_A-Z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)
    return re.sub(r"[\W_]+", " ", name).strip().casefold()
