"""``volseg view``: a scan in a window or a picture."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from volseg_cli import console
from volseg_cli.labels import label_map
from volseg_cli.options import LabelField, Labels, Model, Overwrite


class Camera(StrEnum):
    """Where a picture is taken from."""

    oblique = "oblique"
    top = "top"
    side = "side"


def view(
    scan: Annotated[Path, typer.Argument(metavar="SCAN", help="A scan.")],
    colour: Annotated[
        str | None,
        typer.Option(help="class, intensity, height, colour, confidence, or an attribute."),
    ] = None,
    screenshot: Annotated[
        Path | None, typer.Option(help="Write a PNG instead of opening a window.")
    ] = None,
    camera: Annotated[Camera, typer.Option(help="Where to look from.")] = Camera.oblique,
    model: Model = None,
    labels: Labels = None,
    label_field: LabelField = None,
    overwrite: Overwrite = False,
) -> None:
    """Show a scan: in a window where there is a display, as a picture anywhere.

    Example: `volseg view labelled/tile.laz --colour class --screenshot tile.png`
    """
    from volseg import view as drawing
    from volseg.io import read
    from volseg.io.atomic import check_target

    if screenshot is not None:
        check_target(screenshot, overwrite=overwrite)
    cloud = read(scan, label_field=label_field)
    names = label_map(model, labels)
    modes = drawing.modes(cloud)
    mode = colour or modes[0]
    if screenshot is None:
        ordered = [mode, *(one for one in modes if one != mode)]
        views = {one: drawing.colour_by(cloud, one, names) for one in ordered}
        drawing.show(cloud.metres(), views, title=scan.name)
        return
    colours, legend = drawing.colour_by(cloud, mode, names)
    title = f"{scan.name}: {len(cloud):,} points"
    image = drawing.screenshot(cloud.metres(), colours, legend, title=title, view=camera.value)
    drawing.save(image, screenshot, overwrite)
    console.out.print(f"picture: {screenshot}", highlight=False)
