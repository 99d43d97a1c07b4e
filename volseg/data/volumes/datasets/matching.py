"""Which label file belongs to which image, by their names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

Finder = Callable[[str], str | None]


def match_names(images: Sequence[str], labels: Sequence[str]) -> dict[str, str]:
    """Names of images to those of their labels, for all that have one.

    A label has its image's name, or that and a word more (``a`` and ``a_seg``), or differs from
    it only by words that all images, or all labels, share (``21_training`` and ``21_manual1``).
    An image that two labels would fit has neither.
    """
    match: dict[str, str] = {}
    for rule in (_same, _longer, _but_for_shared_words):
        owner = rule(images, labels)
        claims: dict[str, list[str]] = {}
        for label in set(labels).difference(match.values()):
            image = owner(label)
            if image is not None and image not in match:
                claims.setdefault(image, []).append(label)
        match |= {image: found[0] for image, found in claims.items() if len(found) == 1}
    return match


def _same(images: Sequence[str], labels: Sequence[str]) -> Finder:
    known = set(images)
    return lambda label: label if label in known else None


def _longer(images: Sequence[str], labels: Sequence[str]) -> Finder:
    """The image with the longest name that a label's begins with, at the end of a word."""
    known = set(images)

    def owner(label: str) -> str | None:
        ends = [found.start() for found in re.finditer(r"[\W_]", label)]
        return next((label[:end] for end in reversed(ends) if label[:end] in known), None)

    return owner


def _but_for_shared_words(images: Sequence[str], labels: Sequence[str]) -> Finder:
    plain, bare = _own_words(images), _own_words(labels)
    owners: dict[tuple[str, ...], list[str]] = {}
    for image, words in plain.items():
        owners.setdefault(words, []).append(image)

    def owner(label: str) -> str | None:
        found = owners.get(bare[label], []) if bare[label] else []
        return found[0] if len(found) == 1 else None

    return owner


def _own_words(names: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The words of every name without the first and last ones that all names share.

    Numbers, and first words with a digit, are never left out: they may tell cases of one folder
    from those of another.
    """
    words = {name: tuple(re.split(r"[\W_]+", name)) for name in names}
    first = _shared(words.values(), lambda word: not re.search(r"\d", word))
    last = _shared((one[::-1] for one in words.values()), lambda word: not word.isdigit())
    return {name: one[first : len(one) - last] for name, one in words.items()}


def _shared(names: Iterable[tuple[str, ...]], may_go: Callable[[str], bool]) -> int:
    """How many of the first words all names share, up to one that may not go."""
    count = 0
    for column in zip(*names, strict=False):
        if len(set(column)) > 1 or not may_go(column[0]):
            break
        count += 1
    return count
