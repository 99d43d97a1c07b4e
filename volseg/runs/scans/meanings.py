"""What the raw ids of each file mean: surveys that name their classes differently in one run.

An id may leave open which of several classes a point is of. Such points learn by the summed
probability of those classes, and score nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fnmatch import fnmatch
from pathlib import Path

from volseg.config import ScanConfig
from volseg.geometry.colours import IGNORED_COLOUR
from volseg.geometry.labels import LabelClass, LabelMap


def matches(name: Path, patterns: Sequence[str]) -> bool:
    """Whether a file's path in the data folder, its name or its stem fits one of the patterns."""
    return any(fnmatch(text, one) for one in patterns for text in (str(name), name.name, name.stem))


def open_sets(config: ScanConfig) -> list[tuple[int, ...]]:
    """The sets of classes, as training ids, that some id of some file leaves open."""
    return [
        tuple(list(config.labels.classes).index(name) for name in names)
        for names in _open_names(config)
    ]


def label_map_of(name: Path, config: ScanConfig) -> LabelMap:
    """The label map of one file, by its path in the data folder.

    With K classes, training id ``K + s`` means one of the classes in set ``s`` of `open_sets`.
    """
    told: dict[int, tuple[str, ...]] = {}
    for pattern, ids in config.data.meanings.items():
        if matches(name, [pattern]):
            told |= ids
    usual = config.labels.label_map()

    def ids_of(names: tuple[str, ...], before: tuple[int, ...] = ()) -> tuple[int, ...]:
        kept = [raw for raw in before if raw not in told]
        return tuple(kept + [raw for raw, meant in told.items() if meant == names])

    classes = [replace(one, ids=ids_of((one.name,), one.ids)) for one in usual.classes]
    classes += [
        LabelClass(" or ".join(names), ids_of(names), IGNORED_COLOUR)
        for names in _open_names(config)
    ]
    return replace(usual, classes=tuple(classes), ignore=ids_of((), usual.ignore))


def _open_names(config: ScanConfig) -> list[tuple[str, ...]]:
    meant = [names for ids in config.data.meanings.values() for names in ids.values()]
    return list(dict.fromkeys(names for names in meant if len(names) > 1))
