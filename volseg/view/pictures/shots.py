"""Pictures of whole scenes: one look, two beside each other, once around."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from PIL import Image

from volseg.view.camera import LocalFrame, View
from volseg.view.pictures.picture import lay_out, panels
from volseg.view.pictures.render import draw, render
from volseg.view.scene import Look, Scene
from volseg.view.window.navigation import around

SIZE = (1600, 1000)
PANEL = (900, 800)


def take_picture(
    scene: Scene, look: Look, view: View | None = None, size: tuple[int, int] = SIZE
) -> Image.Image:
    """A picture of a scene with title and legend.

    Args:
        scene: what to draw.
        look: how.
        view: where from; None for the best.
        size: width and height in pixels.

    Raises:
        InputError: if the scene has no such mode, or the picture is too small.
        DisplayError: if this machine cannot draw.
    """
    sheet = lay_out(size, scene.legend(look), scene.title)
    image, outside = _drawn(scene, look, view, sheet.room)
    return sheet.finish(image, f"{outside:,} far points outside" if outside else "")


def side_by_side(scene: Scene, look: Look, view: View | None = None) -> Image.Image:
    """Prediction, as it is looked at, and truth beside each other, seen from one place.

    Raises:
        InputError: as `take_picture`, or if there is no truth.
        DisplayError: if this machine cannot draw.
    """
    looks = look, replace(look, mode="truth")
    images = [_drawn(scene, one, view, PANEL)[0] for one in looks]
    legends = [scene.legend(one) for one in looks]
    if legends[0].entries == legends[1].entries:
        del legends[1]
    shown = "prediction" if look.mode == "class" else look.mode
    return panels(images, (f"{scene.title}: {shown}", "truth"), legends)


def turntable(scene: Scene, look: Look, count: int, size: tuple[int, int]) -> Iterator[Image.Image]:
    """Pictures from all around, with title and legend, all of one size.

    Of a volume's slices only the lying one is drawn: the others would hide it half of the time.

    Raises:
        InputError: as `take_picture`.
        DisplayError: if this machine cannot draw.
    """
    sheet = lay_out(size, scene.legend(look), scene.title)
    outline = scene.outline()
    frame = LocalFrame.around(outline)
    cameras = around(frame.to_local(outline), sheet.room, count)
    for image in render(scene.parts(replace(look, slices="lying")), frame, cameras):
        yield sheet.finish(image)


def _drawn(
    scene: Scene, look: Look, view: View | None, size: tuple[int, int]
) -> tuple[Image.Image, int]:
    view = view or scene.view
    return draw(scene.parts(look), scene.outline(), size, view, scene.headings.get(view))
