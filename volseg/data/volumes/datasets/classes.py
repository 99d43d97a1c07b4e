"""Classes of a dataset that names none, and the order that scores expect."""

from __future__ import annotations

from collections.abc import Mapping

MOST_IDS = 1000
"""More ids than any label map has: files with more are images."""


def named(ids: set[int]) -> dict[str, tuple[int, ...]]:
    """Names for ids: 0 is ``background``, 7 is ``class_7``."""
    return {"background" if one == 0 else f"class_{one}": (one,) for one in sorted(ids)}


def background_first(classes: Mapping[str, tuple[int, ...]]) -> dict[str, tuple[int, ...]]:
    """Classes that exclude each other, that of id 0 leading: means leave the first out."""
    return dict(sorted(classes.items(), key=lambda one: 0 not in one[1]))
