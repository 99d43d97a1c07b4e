"""``volseg generate``: labelled streets, landscapes, pages and fields, made from a seed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from volseg.synthetic.airborne.kinds import Flown, Relief
from volseg_cli import console
from volseg_cli.bar import Bar
from volseg_cli.options import Overwrite


def generate(
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the files.")],
    kind: Annotated[
        Literal["street", "airborne", "pages", "field"],
        typer.Option(
            help="Scans of streets from the ground or of landscapes from above; pictures of "
            "pages of old newspapers, or of soccer fields as robots see them."
        ),
    ] = "street",
    count: Annotated[
        int, typer.Option("--count", "--streets", "--tiles", min=1, help="How many.")
    ] = 48,
    seed: Annotated[int, typer.Option(min=0, help="Another seed, others.")] = 0,
    terrain: Annotated[
        Relief | None, typer.Option(help="Of airborne scans; all in turn if not given.")
    ] = None,
    scanner: Annotated[
        Flown | None, typer.Option(help="Of airborne scans; all in turn if not given.")
    ] = None,
    density: Annotated[
        float | None,
        typer.Option(help="Of airborne scans, pulses a square metre; as usual if not given."),
    ] = None,
    size: Annotated[
        float | None, typer.Option(help="Of airborne tiles, metres; by the density if not given.")
    ] = None,
    founts: Annotated[
        Path | None,
        typer.Option(help="Of pages: a folder of TrueType or OpenType files to set them in."),
    ] = None,
    overwrite: Overwrite = False,
) -> None:
    """Make labelled scans or pictures of what nobody surveyed, to train on without a licence.

    Streets are seen by survey cars with profilers, a push-broom, turning beams on a roof and
    tripods in turn; landscapes of eight kinds of terrain by five kinds of airborne scanners. The
    classes are those of the presets `lidar/street` and `lidar/airborne`. Pages and fields are
    folders of images, labels and objects, for the presets `image/pages` and `image/field`.

    Example: `volseg generate -o streets; volseg train lidar/street --data streets --out run`

    Example: `volseg generate --kind airborne -o tiles --tiles 5 --terrain steep --seed 3`

    Example: `volseg generate --kind pages -o pages --count 300 --seed 3`
    """
    from volseg._face.training import generate as make

    with Bar(notes=console.out) as bar:
        make(
            out,
            count,
            kind=kind,
            seed=seed,
            terrain=terrain,
            scanner=scanner,
            density=density,
            size=size,
            founts=founts,
            overwrite=overwrite,
            progress=bar,
        )
