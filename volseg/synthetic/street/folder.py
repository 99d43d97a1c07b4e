"""Folders of streets to train on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from volseg.errors import InputError
from volseg.io import write
from volseg.io.atomic import check_target, make_folder
from volseg.synthetic.street.generate import generate_street
from volseg.synthetic.street.scanner import KINDS

METRES = (50.0, 100.0)
MAGNITUDES = (4.9, 5.3)  # 80,000 to 200,000 points


def write_streets(
    folder: Path, streets: int, *, seed: int = 0, overwrite: bool = False
) -> Iterator[tuple[Path, int]]:
    """Write streets of all kinds of scanners in turn, each of a length and a size of its own.

    A street depends on the seed and its number alone: more streets begin with the same ones.

    Yields:
        Each file, once written, and its number of points.

    Raises:
        InputError: if there is nothing to write, or a file is there already, before any is written.
    """
    if streets < 1 or seed < 0:
        raise InputError(f"{streets} streets of seed {seed}: wanted 1 or more of seed 0 or more")
    names = [f"{number:03d}_{KINDS[number % len(KINDS)]}.laz" for number in range(streets)]
    make_folder(folder)
    for name in names:
        check_target(folder / name, overwrite=overwrite)
    for number, name in enumerate(names):
        rng = np.random.default_rng((seed, number))
        cloud = generate_street(
            int(rng.integers(2**32)),
            scanner=KINDS[number % len(KINDS)],
            length=rng.uniform(*METRES),
            points=int(10 ** rng.uniform(*MAGNITUDES)),
        )
        write(folder / name, cloud, overwrite=overwrite)
        yield folder / name, len(cloud)
