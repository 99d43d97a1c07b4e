"""Images to segment: which files make one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from volseg.data.volumes.datasets.cases import Case
from volseg.data.volumes.datasets.folders import CHANNEL
from volseg.errors import InputError
from volseg.io.volume_formats import volume_stem


def group_images(files: Sequence[Path], channels: int) -> list[Case]:
    """Files as cases of a model with so many channels.

    Files named ``a_0000``, ``a_0001``, ... in one folder are the channels of ``a`` where the
    model has several; every other file is an image by itself. A case's name has no ``_0000``.

    Raises:
        InputError: if a channel is missing, or there is one too many.
    """
    groups: dict[tuple[Path, str], dict[int, Path]] = {}
    for file in files:
        stem = volume_stem(file)
        found = CHANNEL.fullmatch(stem)
        if found and (channels > 1 or int(found[2]) == 0):
            groups.setdefault((file.parent, found[1]), {})[int(found[2])] = file
        else:
            groups[file.parent, file.name] = {0: file}
    cases = []
    for parts in groups.values():
        wanted = range(channels if len(parts) > 1 else 1)
        first = parts[min(parts)]
        if sorted(parts) != list(wanted):
            numbers = ", ".join(f"_{number:04d}" for number in sorted(parts))
            raise InputError(
                f"its channels are {numbers}; the model wants _0000 to _{channels - 1:04d}",
                path=first,
            )
        name = volume_stem(first)
        cases.append(Case(name.removesuffix("_0000"), tuple(parts[n] for n in wanted), None))
    return cases
