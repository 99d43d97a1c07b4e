"""``volseg view``: a scan or a volume in a window, a picture, a film, or a browser."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from volseg_cli import console
from volseg_cli.bar import Bar
from volseg_cli.labels import label_map
from volseg_cli.options import Columns, LabelField, Labels, Model, Overwrite, names_of


class ViewName(StrEnum):
    """Where a picture is taken from."""

    oblique = "oblique"
    top = "top"
    side = "side"


class Arrangement(StrEnum):
    """How prediction and truth are shown together."""

    side_by_side = "side-by-side"


Shown = Annotated[
    Path, typer.Argument(metavar="SCAN", help="A scan, a voxel grid, a label map or an image.")
]
TrueLabels = Annotated[Path | None, typer.Option(help="True labels of the same points or voxels.")]
Image = Annotated[
    Path | None, typer.Option(help="Volumes: the image that the label map belongs to.")
]
Colour = Annotated[
    str | None,
    typer.Option(
        help="class, truth, error, object, confidence, height, intensity, colour, an attribute."
    ),
]
Compare = Annotated[
    Arrangement | None, typer.Option(help="Prediction and truth, seen from one place.")
]
Screenshot = Annotated[Path | None, typer.Option(help="Write a PNG instead of opening a window.")]
Turntable = Annotated[Path | None, typer.Option(help="Write a .gif or .mp4 of one turn instead.")]
Web = Annotated[bool, typer.Option("--web", help="Show it in a browser on this machine instead.")]
Camera = Annotated[ViewName | None, typer.Option(help="Where to look from; the best if not given.")]


def view(
    scan: Shown,
    truth: TrueLabels = None,
    image: Image = None,
    colour: Colour = None,
    compare: Compare = None,
    screenshot: Screenshot = None,
    turntable: Turntable = None,
    web: Web = False,
    camera: Camera = None,
    model: Model = None,
    labels: Labels = None,
    label_field: LabelField = None,
    columns: Columns = None,
    overwrite: Overwrite = False,
) -> None:
    """Show a scan or a volume: in a window where there is a display, as a picture anywhere.

    In the window, letters choose what gives the colours, 1 to 9 hide classes, N steps to the next
    worst spot, a click tells what is known of a point, S takes a picture; F1 lists all keys.

    Example: `volseg view labelled/tile.laz --truth tile.laz --colour error`

    Example: `volseg view labels/a.nii.gz --image images/a.nii.gz --turntable a.gif`
    """
    from volseg._face.showing import view as draw
    from volseg.errors import InputError

    if sum((screenshot is not None, turntable is not None, web)) > 1:
        raise InputError("give one of --screenshot, --turntable and --web")
    if compare is not None and (truth is None or turntable is not None or web):
        raise InputError("--compare needs --truth, and a window or --screenshot")

    with Bar() as bar:
        draw(
            scan,
            truth,
            image=image,
            colour=colour,
            screenshot=screenshot,
            turntable=turntable,
            web=web,
            beside=compare is not None,
            camera=camera.value if camera else None,
            labels=label_map(model, labels, predicted=[] if truth is None else [scan]),
            label_field=label_field,
            columns=names_of(columns),
            overwrite=overwrite,
            progress=bar,
        )
    if screenshot is not None:
        console.out.print(f"picture: {screenshot}")
    if turntable is not None:
        console.out.print(f"film: {turntable}")
