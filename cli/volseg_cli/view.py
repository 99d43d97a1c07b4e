"""``volseg view``: a scan or a volume in a window, a picture, a film, or a browser."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from volseg_cli import console
from volseg_cli.labels import label_map
from volseg_cli.options import Columns, LabelField, Labels, Model, Overwrite, names_of

if TYPE_CHECKING:
    from volseg.view import Look, Scene


class Camera(StrEnum):
    """Where a picture is taken from."""

    oblique = "oblique"
    top = "top"
    side = "side"


class Comparison(StrEnum):
    """How prediction and truth are shown together."""

    side_by_side = "side-by-side"


def view(
    scan: Annotated[
        Path,
        typer.Argument(metavar="SCAN", help="A scan, a voxel grid, a label map or an image."),
    ],
    truth: Annotated[
        Path | None, typer.Option(help="True labels of the same points or voxels.")
    ] = None,
    image: Annotated[
        Path | None, typer.Option(help="Volumes: the image that the label map belongs to.")
    ] = None,
    colour: Annotated[
        str | None,
        typer.Option(
            help="class, truth, error, confidence, height, intensity, colour, or an attribute."
        ),
    ] = None,
    compare: Annotated[
        Comparison | None, typer.Option(help="Prediction and truth, seen from one place.")
    ] = None,
    screenshot: Annotated[
        Path | None, typer.Option(help="Write a PNG instead of opening a window.")
    ] = None,
    turntable: Annotated[
        Path | None, typer.Option(help="Write a .gif or .mp4 of one turn instead.")
    ] = None,
    web: Annotated[
        bool, typer.Option("--web", help="Show it in a browser on this machine instead.")
    ] = False,
    camera: Annotated[
        Camera | None, typer.Option(help="Where to look from; the best if not given.")
    ] = None,
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
    from volseg import view as drawing
    from volseg.errors import InputError
    from volseg.io.atomic import check_target

    wanted = [one for one in (screenshot, turntable) if one is not None]
    if len(wanted) + web > 1:
        raise InputError("give one of --screenshot, --turntable and --web")
    for target in wanted:
        check_target(target, overwrite=overwrite)
    if screenshot is not None:
        drawing.check_picture(screenshot)
    if turntable is not None:
        drawing.check_film(turntable)
    if compare is not None and (truth is None or turntable is not None or web):
        raise InputError("--compare needs --truth, and a window or --screenshot")
    most = drawing.MOST_IN_PAGE if web else drawing.MOST_IN_WINDOW
    scene = drawing.open_scene(
        scan,
        truth=truth,
        image=image,
        labels=label_map(model, labels, predicted=[] if truth is None else [scan]),
        label_field=label_field,
        columns=names_of(columns),
        most=drawing.MOST_POINTS if wanted else most,
    )
    look = drawing.first_look(scene, colour)
    if scene.note:
        console.note(scene.note)
    if not (wanted or web):
        _window(scene, look, scan, beside=compare is not None)
    elif screenshot is not None:
        draw = drawing.take_picture if compare is None else drawing.side_by_side
        image_ = draw(scene, look, camera.value if camera else None)
        drawing.save(image_, screenshot, overwrite)
        console.out.print(f"picture: {screenshot}", highlight=False)
    elif turntable is not None:
        _turntable(scene, look, turntable, overwrite)
    else:
        drawing.serve(
            drawing.scene_page(scene, look), lambda text: console.out.print(text, highlight=False)
        )


def _window(scene: Scene, look: Look, scan: Path, *, beside: bool) -> None:
    from volseg import view as drawing

    def say(text: str) -> None:
        console.out.print(text, highlight=False)

    drawing.show(scene, look, beside=beside, say=say, snapshot=f"{scan.name.split('.')[0]}.png")


def _turntable(scene: Scene, look: Look, path: Path, overwrite: bool) -> None:
    from volseg import view as drawing

    with console.progress() as bar:
        images = drawing.turntable(scene, look, drawing.TURN, drawing.FILM_SIZE)
        shown = bar.track(images, total=drawing.TURN, description="drawing")
        drawing.save_film(iter(shown), path, overwrite=overwrite)
    console.out.print(f"film: {path}", highlight=False)
