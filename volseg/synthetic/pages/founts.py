"""Founts that are at hand, the scripts they have, and words that nobody wrote."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from PIL import ImageFont

from volseg.errors import InputError

SCRIPTS = {
    "Latin": "eeetaoinshrdlucmwfgypbvkjxqz" * 3 + "äöüßéèñ",
    "Greek": "αααεεηηιιοοτσνρκπμλγδθχφωυξψζβ",
    "Cyrillic": "ооеаинтсрвлкмдпуяыьгзбчйхжшюцщэф",
    "Armenian": "աաաեենիորստկլմդհգյվբշչպջզքթխծղճ",
    "Hebrew": "ייווההללאארמתבשנםדקעחכפגזטסצ",
}
"""Letters of each script, the more usual ones more than once."""
PLAIN = 15
"""Letters, the more usual ones, without which a fount does not have a script."""
FAMILIES = ("DejaVuSans", "DejaVuSerif", "STIXGeneral", "cmr10", "cmss10", "cmb10")
"""What the names of those of matplotlib's founts begin with that have letters for running text."""


@dataclass(frozen=True)
class Fount:
    """A file of letters, None for the one that Pillow has built in; and the scripts it has."""

    path: Path | None
    scripts: tuple[str, ...]

    def at(self, size: int) -> ImageFont.FreeTypeFont:
        """The fount at a height in pixels."""
        return _sized(self.path, size)

    def letters(self, script: str) -> str:
        """Those of a script's letters that it has, as often as `SCRIPTS` names them."""
        return "".join(letter for letter in SCRIPTS[script] if _has(self.path, letter))


@cache
def _sized(path: Path | None, size: int) -> ImageFont.FreeTypeFont:
    if path is not None:
        return ImageFont.truetype(path, size)
    font = ImageFont.load_default(size)
    assert isinstance(font, ImageFont.FreeTypeFont)  # Pillow's wheels all have FreeType
    return font


@cache
def founts(folder: Path | None = None) -> tuple[Fount, ...]:
    """The TrueType files of a folder; of none given, those that come with matplotlib and Pillow.

    Raises:
        InputError: if the folder has no fount with letters.
    """
    if folder is None:
        spec = find_spec("matplotlib")  # found, not imported: that takes a second
        parts = spec.submodule_search_locations if spec else None
        place = Path(next(iter(parts or ["."]))) / "mpl-data" / "fonts" / "ttf"
        paths: list[Path | None] = [
            path for path in sorted(place.glob("*.ttf"))
            if path.name.startswith(FAMILIES) and "Display" not in path.name
        ]  # fmt: skip
        paths.append(None)
    else:
        paths = [*sorted((*folder.rglob("*.ttf"), *folder.rglob("*.otf")))]
    made = tuple(Fount(path, scripts) for path in paths if (scripts := _scripts(path)))
    if not made:
        raise InputError("holds no fount; wanted files .ttf or .otf with letters", path=folder)
    return made


@cache
def _has(path: Path | None, letter: str) -> bool:
    """Whether a letter has another shape than what is missing."""
    font = _sized(path, 16)
    return bytes(font.getmask(letter)) != bytes(font.getmask("\uffff"))


def _scripts(path: Path | None) -> tuple[str, ...]:
    try:
        return tuple(
            name for name, letters in SCRIPTS.items()
            if all(_has(path, letter) for letter in letters[:PLAIN])
        )  # fmt: skip
    except OSError:
        return ()  # damaged, or no fount at all


def draw_words(rng: np.random.Generator, letters: Sequence[str], count: int) -> list[str]:
    """So many words, some of them capitalised, some numbers, some with a stop behind."""
    lengths = np.clip(rng.poisson(4.2, count), 1, 13)
    text = "".join(letters[k] for k in rng.integers(len(letters), size=int(lengths.sum())))
    words, start = [], 0
    for length, chance in zip(lengths, rng.random(count), strict=True):
        word, start = text[start : start + length], start + length
        if chance < 0.15:
            word = word.capitalize()
        elif chance < 0.18:
            word = str(int(chance * 1e7) % 10 ** min(int(length), 4))
        elif chance > 0.86:
            word += ",.;-"[int(chance * 1e6) % 4]
        words.append(word)
    return words
