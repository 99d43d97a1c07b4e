"""``volseg generate``: labelled streets, made from a seed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from volseg_cli import console
from volseg_cli.bar import Bar
from volseg_cli.options import Overwrite


def generate(
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the LAZ files.")],
    streets: Annotated[int, typer.Option(min=1, help="How many.")] = 48,
    seed: Annotated[int, typer.Option(min=0, help="Another seed, other streets.")] = 0,
    overwrite: Overwrite = False,
) -> None:
    """Make labelled scans of invented streets to train on: data without a licence.

    Survey cars with profilers, a push-broom, turning beams on a roof and tripods see them in
    turn. The classes are those of the preset `lidar/street`.

    Example: `volseg generate -o streets; volseg train lidar/street --data streets --out run`
    """
    from volseg._face.training import generate as make

    with Bar(notes=console.out) as bar:
        make(out, streets, seed=seed, overwrite=overwrite, progress=bar)
