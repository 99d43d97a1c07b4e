"""Folders of labelled pictures to train on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from volseg.errors import InputError
from volseg.io.atomic import check_target, make_folder, write_files

FOLDERS = ("images", "labels", "objects")
SUFFIXES = (".jpg", ".png", ".png")
QUALITY = (70, 96)


@dataclass(frozen=True)
class LabelledPicture:
    """What was drawn, and what it is.

    ``image`` uint8 (H, W, 3); ``labels`` uint8 (H, W), ids of classes; ``objects`` uint16 (H, W),
    ids of objects from 1 on, 0 in none.
    """

    image: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    objects: NDArray[np.uint16]


def write_pictures(
    folder: Path,
    count: int,
    draw: Callable[[int], LabelledPicture],
    *,
    seed: int = 0,
    overwrite: bool = False,
) -> Iterator[tuple[Path, str]]:
    """Write folders ``images``, ``labels`` and ``objects``, as a dataset of volumes has them.

    A picture depends on the seed and its number alone: more pictures begin with the same ones.

    Args:
        folder: made if it is not there.
        count: how many.
        draw: from a seed to a picture.
        seed: another seed, other pictures.
        overwrite: replace existing files.

    Yields:
        Each image, once it and its labels are written, and its size in words.

    Raises:
        InputError: if there is nothing to write, or a file is there already, before any is written.
    """
    if count < 1 or seed < 0:
        raise InputError(f"{count} pictures of seed {seed}: wanted 1 or more of seed 0 or more")
    targets = [
        [folder / part / f"{n:03d}{end}" for part, end in zip(FOLDERS, SUFFIXES, strict=True)]
        for n in range(count)
    ]
    for part in FOLDERS:
        make_folder(folder / part)
    for path in (path for group in targets for path in group):
        check_target(path, overwrite=overwrite)
    for number, group in enumerate(targets):
        rng = np.random.default_rng((seed, number))
        picture = draw(int(rng.integers(2**32)))
        quality = int(rng.integers(*QUALITY))
        files = (
            _encode(picture.image, "JPEG", quality=quality),
            _encode(picture.labels, "PNG"),
            _encode(picture.objects, "PNG"),
        )
        write_files(dict(zip(group, files, strict=True)), overwrite=overwrite)
        rows, columns = picture.labels.shape
        yield group[0], f"{columns} x {rows} pixels"


def _encode(pixels: NDArray[Any], form: str, **options: int) -> bytes:
    stream = BytesIO()
    Image.fromarray(pixels).save(stream, form, **options)
    return stream.getvalue()
