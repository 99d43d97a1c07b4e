"""What the raw ids of each file mean: surveys that name their classes differently in one run.

An id may leave open which of several classes a point is of. Such points learn by the summed
probability of those classes, and score nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatch
from pathlib import Path

from volseg.geometry.colours import IGNORED_COLOUR
from volseg.geometry.labels import LabelClass, LabelMap

Meanings = Mapping[str, Mapping[int, tuple[str, ...]]]
"""For patterns of files, the names of the classes that a raw id may mean there."""


def matches(name: Path, patterns: Sequence[str]) -> bool:
    """Whether a file's path in the data folder, its name or its stem fits one of the patterns."""
    texts = (str(name), name.name, name.stem)
    return any(fnmatch(text, pattern) for pattern in patterns for text in texts)


def open_sets(classes: Sequence[str], meanings: Meanings) -> list[tuple[int, ...]]:
    """The sets of classes, as training ids, that some id of some file leaves open."""
    return [tuple(classes.index(name) for name in names) for names in _open_names(meanings)]


def label_map_of(name: Path, usual: LabelMap, meanings: Meanings) -> LabelMap:
    """The label map of one file, by its path in the data folder.

    With K classes, training id ``K + s`` means one of the classes in set ``s`` of `open_sets`.
    """
    own: dict[int, tuple[str, ...]] = {}
    for pattern, ids in meanings.items():
        if matches(name, [pattern]):
            own |= ids

    def ids_of(names: tuple[str, ...], before: tuple[int, ...] = ()) -> tuple[int, ...]:
        kept = [raw for raw in before if raw not in own]
        return tuple(kept + [raw for raw, meant in own.items() if meant == names])

    classes = [replace(entry, ids=ids_of((entry.name,), entry.ids)) for entry in usual.classes]
    classes += [
        LabelClass(" or ".join(names), ids_of(names), IGNORED_COLOUR)
        for names in _open_names(meanings)
    ]
    return replace(usual, classes=tuple(classes), ignore=ids_of((), usual.ignore))


def _open_names(meanings: Meanings) -> list[tuple[str, ...]]:
    meant = [names for ids in meanings.values() for names in ids.values()]
    return list(dict.fromkeys(names for names in meant if len(names) > 1))
