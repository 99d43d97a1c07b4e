"""Datasets of two folders, images and labels, matched by file name."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Sequence
from pathlib import Path
from typing import TypeVar

from volseg.data.volumes.datasets.cases import Case, Dataset, Problem
from volseg.data.volumes.datasets.matching import match_names
from volseg.errors import InputError
from volseg.io.folders import without_company
from volseg.io.volumes.formats import holds_dicom, is_listed_volume, volume_stem

# In order of preference: beside a folder of labels, one of masks is often the field of view.
IMAGES = ("images", "imagestr", "image", "imgs", "img")
LABELS = ("labels", "labelstr", "label", "segmentations", "1st_manual", "masks", "mask")
CHANNEL = re.compile(r"(.+)_(\d{4})")
Key = TypeVar("Key", bound=Hashable)


def read_folders(folder: Path) -> tuple[Dataset, list[Problem]]:
    """A folder of images and one of labels inside another.

    Images may be one file a channel, named ``*_0000``, ``*_0001``, ...

    Raises:
        InputError: if one of the folders is missing, or has no volume.
    """
    images, labels = find_folder(folder, IMAGES), find_folder(folder, LABELS)
    if images is None or labels is None:
        raise InputError(
            "holds no dataset; wanted a dataset.json, or folders images and labels "
            "(or name a CSV file with columns image and label)",
            path=folder,
        )
    names = [volume_stem(one) for one in volumes_in(images, trees=True)]
    whole = {volume_stem(one) for one in volumes_in(labels)}.intersection(names)
    channels = not whole and all(CHANNEL.fullmatch(name) for name in names)
    cases, problems = pair_folders(images, labels, channels=channels)
    return Dataset(folder, f"{images.name} and {labels.name}", cases), problems


def is_paired(folder: Path) -> bool:
    """Whether a folder has one of images and one of labels inside."""
    return all(find_folder(folder, names) is not None for names in (IMAGES, LABELS))


def find_folder(folder: Path, names: Sequence[str]) -> Path | None:
    """The folder inside that has the first of these names, in whatever case."""
    inside = {one.name.lower(): one for one in sorted(folder.iterdir()) if one.is_dir()}
    return next((inside[name] for name in names if name in inside), None)


def volumes_in(folder: Path, ending: str = "", *, trees: bool = False) -> list[Path]:
    """The volumes in a folder, by name, without hidden files.

    Args:
        folder: where they are.
        ending: what their names end with.
        trees: whether a folder is a volume wherever in it there are DICOM files.

    Raises:
        InputError: if there is no such folder.
    """
    if not folder.is_dir():
        raise InputError("no such folder; wanted the volumes in it", path=folder)
    ending = ending.replace(".hdr", ".img")  # a pair counts by its voxels
    return sorted(
        one
        for one in without_company(folder.iterdir())
        if one.name.endswith(ending)
        and (is_listed_volume(one) or (trees and one.is_dir() and holds_dicom(one)))
    )


def pair_folders(
    images: Path, labels: Path, *, channels: bool, ending: str = ""
) -> tuple[tuple[Case, ...], list[Problem]]:
    """The cases of two folders; a file that should be there is named although it is missing.

    Args:
        images: the images' folder.
        labels: the labels' folder.
        channels: whether images are one file a channel, named ``*_0000``, ``*_0001``, ...
        ending: what the names of all files end with.

    Returns:
        The cases, and the files that stand twice or belong to no case.

    Raises:
        InputError: if a folder is missing, or the images' has no volume.
    """

    def part(path: Path) -> tuple[str, int]:
        found = CHANNEL.fullmatch(volume_stem(path)) if channels else None
        return (found[1], int(found[2])) if found else (volume_stem(path), 0)

    files, doubled = _once(volumes_in(images, ending, trees=True), part)
    truths, doubled_truths = _once(volumes_in(labels, ending), volume_stem)
    if not files:
        raise InputError(f"holds no volume named *{ending}; wanted the images", path=images)
    count = 1 + max(number for _, number in files)
    suffixes = {name: path.name[len(volume_stem(path)) :] for (name, _), path in files.items()}
    match = match_names(list(suffixes), list(truths))
    cases = tuple(
        Case(
            name,
            tuple(
                files.get((name, number), images / f"{name}_{number:04d}{suffix}")
                for number in range(count)
            ),
            truths.get(match.get(name, ""), labels / f"{name}{suffix}"),
        )
        for name, suffix in suffixes.items()
    )
    owners = {stem: name for name, stem in match.items()}
    return cases, [
        *(_second(path, name) for (name, _), path in doubled),
        *(_second(path, owners.get(stem, stem)) for stem, path in doubled_truths),
        *(_without_image(path, images) for stem, path in truths.items() if stem not in owners),
    ]


def _once(
    paths: Iterable[Path], key: Callable[[Path], Key]
) -> tuple[dict[Key, Path], list[tuple[Key, Path]]]:
    """The first file of every key, and the others."""
    found: dict[Key, Path] = {}
    others = [(key(path), path) for path in paths if found.setdefault(key(path), path) is not path]
    return found, others


def _second(path: Path, case: str) -> Problem:
    message = "another file of this name has another suffix; wanted one"
    return Problem(case, message, "remove one of them", path)


def _without_image(label: Path, images: Path) -> Problem:
    message = f"no image in {images.name} goes with this label"
    remedy = "add the image, or remove the label"
    return Problem(volume_stem(label), message, remedy, label, "warning")
