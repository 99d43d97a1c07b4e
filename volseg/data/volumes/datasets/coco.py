"""Datasets in COCO's panoptic format: a JSON, the PNGs it names, and their images."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from volseg.data.volumes.datasets.cases import Case, Dataset, Problem
from volseg.errors import InputError
from volseg.io.volumes.coco import VOID, read_panoptic
from volseg.io.volumes.formats import volume_stem


def read_coco(path: Path) -> tuple[Dataset, list[Problem]]:
    """A case for every PNG that the JSON names; it is called as its image.

    Pixels of no segment count nowhere; where every class is a thing they are background.

    Raises:
        InputError: if the JSON is none of segments, two classes have one name, or the images are
            nowhere near it.
    """
    content = read_panoptic(path)
    twice = [name for name, many in Counter(one.name for one in content.categories).items()
             if many > 1]  # fmt: skip
    if twice:
        raise InputError(f"two categories are called {twice[0]!r}; rename one", path=path)
    folder = _images(path, next(iter(content.images.values()), ""))
    cases = tuple(
        Case(volume_stem(image), (folder / image,), path.with_suffix("") / png, objects=path)
        for png, image in content.images.items()
    )
    # Stuff first: the first class is taken for background.
    ordered = sorted(content.categories, key=lambda one: one.thing)
    classes: dict[str, tuple[int, ...]] = {one.name: (one.id,) for one in ordered}
    stuff = not all(one.thing for one in ordered)
    return Dataset(
        path.parent,
        "COCO panoptic",
        cases,
        classes=classes if stuff else {"background": (VOID,)} | classes,
        ignore=(VOID,) if stuff else (),
        things=frozenset(one.name for one in ordered if one.thing),
    ), []


def _images(path: Path, first: str) -> Path:
    """The folder that paths of images start from."""
    tried = list(_near(path))
    found = next((folder for folder in tried if (folder / first).is_file()), None)
    if found is None:
        names = ", ".join(dict.fromkeys(map(str, tried)))
        raise InputError(f"its image {first!r} is in none of {names}; put it there", path=path)
    return found


def _near(path: Path) -> Iterator[Path]:
    """Where images are: ``images``, or as COCO has it ``val`` for ``annotations/panoptic_val``."""
    for folder in (path.parent, path.absolute().parent.parent):
        yield from (folder / "images", folder / path.stem.removeprefix("panoptic_"), folder)
