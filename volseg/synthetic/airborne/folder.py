"""Folders of tiles to train on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from volseg.errors import InputError
from volseg.io import write
from volseg.io.atomic import check_target, make_folder
from volseg.synthetic.airborne.generate import check_options, generate_tile
from volseg.synthetic.airborne.kinds import FLOWN, RELIEFS, Flown, Relief

MAGNITUDES = (5.2, 5.8)  # 160,000 to 630,000 pulses


def write_tiles(
    folder: Path,
    tiles: int,
    *,
    seed: int = 0,
    terrain: Relief | None = None,
    scanner: Flown | None = None,
    density: float | None = None,
    size: float | None = None,
    overwrite: bool = False,
) -> Iterator[tuple[Path, int]]:
    """Write tiles of all kinds of terrain and scanner in turn, but for what is given.

    A tile depends on the seed, its number and the options alone: more tiles begin with the same
    ones.

    Yields:
        Each file, once written, and its number of points.

    Raises:
        InputError: if there is nothing to write, an option is out of its range, or a file is there
            already, before any is written.
    """
    if tiles < 1 or seed < 0:
        raise InputError(f"{tiles} tiles of seed {seed}: wanted 1 or more of seed 0 or more")
    check_options(terrain, scanner, density, size)
    # Of 5 scanners and 8 terrains each meets each.
    kinds = [(terrain or RELIEFS[n % 8], scanner or FLOWN[n % 5]) for n in range(tiles)]
    paths = [folder / f"{n:03d}_{ground}_{device}.laz" for n, (ground, device) in enumerate(kinds)]
    make_folder(folder)
    for path in paths:
        check_target(path, overwrite=overwrite)
    for number, (path, (ground, device)) in enumerate(zip(paths, kinds, strict=True)):
        rng = np.random.default_rng((seed, number))
        cloud = generate_tile(
            int(rng.integers(2**32)),
            terrain=ground,
            scanner=device,
            density=density,
            size=size,
            points=int(10 ** rng.uniform(*MAGNITUDES)),
        )
        write(path, cloud, overwrite=overwrite)
        yield path, len(cloud)
