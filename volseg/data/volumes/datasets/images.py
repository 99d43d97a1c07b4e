"""Images to segment: which files make one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from volseg.data.volumes.datasets.cases import ImageCase
from volseg.data.volumes.datasets.folders import CHANNEL
from volseg.errors import InputError
from volseg.io.volumes.formats import volume_stem

MOST_CHANNELS = 10
"""Files `a_0000`, `a_0001`, ... that are more than these are the images of a series."""


def group_images(files: Sequence[Path], channels: int) -> tuple[list[ImageCase], list[InputError]]:
    """Files as cases of a model with so many channels, and what keeps others from being some.

    Files named ``a_0000``, ``a_0001``, ... in one folder are the channels of ``a``, unless there
    is no ``a_0000``, or they are too many; every other file is an image by itself. A case's name
    has no ``_0000``.

    Returns:
        The cases; and an error for every other one of which a channel is missing, or there is one
        too many.
    """
    groups: dict[tuple[Path, str], dict[int, Path]] = {}
    for file in files:
        found = CHANNEL.fullmatch(volume_stem(file))
        if found:
            groups.setdefault((file.parent, found[1]), {})[int(found[2])] = file
        else:
            groups[file.parent, file.name] = {0: file}
    cases: list[ImageCase] = []
    errors = []
    for parts in groups.values():
        if 0 not in parts or len(parts) > max(channels, MOST_CHANNELS):  # a camera's numbers
            cases += [ImageCase(_name(file), (file,)) for file in parts.values()]
        elif len(parts) == 1 or sorted(parts) == list(range(channels)):
            cases.append(ImageCase(_name(parts[0]), tuple(parts[n] for n in sorted(parts))))
        else:
            errors.append(_other_channels(parts, channels))
    return cases, errors


def _name(first: Path) -> str:
    return volume_stem(first).removesuffix("_0000")


def _other_channels(parts: Mapping[int, Path], channels: int) -> InputError:
    numbers = ", ".join(f"_{number:04d}" for number in sorted(parts))
    if channels == 1:
        remedy = "_0000 alone; name only the file it was trained on, or rename images of their own"
    else:
        remedy = f"_0000 to _{channels - 1:04d}; add or leave out channels"
    return InputError(
        f"its channels are {numbers}; the model wants {remedy}", path=parts[min(parts)]
    )
