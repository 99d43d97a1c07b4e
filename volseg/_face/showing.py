"""Pages and pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from volseg._face.labels import Labels, label_map
from volseg.data.volumes.objects.truth import ObjectTruth
from volseg.errors import InputError
from volseg.progress import SILENT, Progress, counted

if TYPE_CHECKING:
    from torch import nn

    from volseg.evaluate.pairing import Failed
    from volseg.report.results import Results
    from volseg.view import Look, Scene, View


def report(
    predicted: Path | str,
    truth: Path | str | None = None,
    target: Path | str = "report.html",
    *,
    data: Path | str | None = None,
    model: Path | str | None = None,
    labels: Labels | None = None,
    label_field: str | None = None,
    objects: bool = False,
    truth_ids: ObjectTruth | None = None,
    overwrite: bool = False,
    device: str = "auto",
    net: nn.Module | None = None,
    failed: Failed | None = None,
    progress: Progress = SILENT,
) -> Results:
    """Write a page that says how good a segmentation is and shows where it is wrong.

    Args:
        predicted: a run folder; or, with a truth, a scan, a label volume, or a folder.
        truth: a scan, a label volume, a folder, or a dataset.
        target: the page, one HTML file that needs no network.
        data: runs: their data, if that is elsewhere now.
        model: as in `evaluate`.
        labels: as in `evaluate`.
        label_field: as in `evaluate`.
        objects: with a truth: compare objects by their ids, too, and show the worst. Runs that
            learn objects of volumes do so by themselves.
        truth_ids: as in `evaluate`.
        overwrite: replace an existing page.
        device: runs: where the network segments: ``cpu``, ``cuda`` or ``auto``.
        net: runs: the network of your own that was trained, as in `load`.
        failed: told of files that cannot be used, which are left out; without, the first raises.
        progress: told how many cases are done.

    Returns:
        The page's figures.

    Raises:
        InputError: if nothing can be scored, or the page exists.

    Example:
        >>> vs.report("tile.laz", "tile.laz", "page.html", labels="boxes.yaml").mean_iou
        1.0
    """
    from volseg.io.atomic import check_target, write_files
    from volseg.report.page import build_page
    from volseg.report.pairs import report_pairs

    predicted, target = Path(predicted), Path(target)
    check_target(target, overwrite=overwrite)
    lines: list[str] = []

    def leave_out(error: InputError) -> None:
        assert failed is not None
        failed(error)
        lines.append(f"Left out: {error}")

    left_out = None if failed is None else leave_out
    if truth is None:
        options = {"model": model, "labels": labels, "label_field": label_field}
        _refuse("predicted and truth", **options, objects=objects or None, truth_ids=truth_ids)
        from volseg.report.run import report_run

        place = None if data is None else Path(data)
        subject, results, scenes = report_run(predicted, place, device, progress, net)
    else:
        _refuse("a run alone", data=data, net=net)
        classes = label_map(model, labels)
        _refuse("objects", truth_ids=None if objects else truth_ids)
        subject, results, scenes = report_pairs(
            predicted, Path(truth), classes, label_field,
            objects=objects, truth_ids=truth_ids, failed=left_out, progress=progress,
        )  # fmt: skip
    subject = replace(subject, notes=(*subject.notes, *lines))
    write_files({target: build_page(subject, results, scenes)}, overwrite=overwrite)
    return results


def _refuse(other: str, **options: object) -> None:
    """Options that would change nothing here."""
    for name, value in options.items():
        if value is not None:
            raise InputError(f"{name} goes with {other}")


def view(
    source: Path | str,
    truth: Path | str | None = None,
    *,
    image: Path | str | None = None,
    colour: str | None = None,
    screenshot: Path | str | None = None,
    turntable: Path | str | None = None,
    web: bool = False,
    beside: bool = False,
    camera: View | None = None,
    model: Path | str | None = None,
    labels: Labels | None = None,
    label_field: str | None = None,
    columns: Sequence[str] | None = None,
    overwrite: bool = False,
    progress: Progress = SILENT,
) -> None:
    """Show a scan or a volume: in a window where there is a display, as a picture anywhere.

    Args:
        source: a scan, a voxel grid, a label map or an image.
        truth: true labels of the same points or voxels.
        image: of a label map, the image it belongs to.
        colour: class, truth, error, object, confidence, height, intensity, colour, or an attribute.
        screenshot: write a PNG instead of opening a window.
        turntable: write a ``.gif`` or ``.mp4`` of one turn instead.
        web: show it in a browser on this machine instead, until Ctrl-C.
        beside: show prediction and truth beside each other; not in films and browsers.
        camera: where to look from: ``oblique``, ``top`` or ``side``; the best if not given.
        model: as in `evaluate`.
        labels: as in `evaluate`.
        label_field: as in `read`.
        columns: as in `read`.
        overwrite: replace an existing file.
        progress: told, in notes, what is odd about the scene, how to use the window or the browser,
            and what is clicked at; and how many pictures of a film are drawn.

    Raises:
        InputError: if a file cannot be used or exists, or options exclude each other.
        DisplayError: if this machine cannot draw.

    Example:
        >>> vs.view("tile.laz", screenshot="tile.png")
    """
    from volseg.view import MOST_IN_PAGE, MOST_IN_WINDOW, MOST_POINTS, first_look, open_scene

    shot = None if screenshot is None else Path(screenshot)
    film = None if turntable is None else Path(turntable)
    if (shot is not None) + (film is not None) + web > 1:
        raise InputError("give one of screenshot, turntable and web")
    if beside and (truth is None or film is not None or web):
        raise InputError("beside needs truth, and a window or a screenshot")
    _check_outputs(shot, film, overwrite)
    source, still = Path(source), shot is not None or film is not None
    scene = open_scene(
        source,
        truth=None if truth is None else Path(truth),
        image=None if image is None else Path(image),
        labels=label_map(model, labels),
        label_field=label_field,
        columns=None if columns is None else tuple(columns),
        most=MOST_POINTS if still else MOST_IN_PAGE if web else MOST_IN_WINDOW,
    )
    look = first_look(scene, colour)
    if scene.note:
        progress.note(scene.note)
    if shot is not None:
        _take_picture(scene, look, shot, beside, camera, overwrite)
    elif film is not None:
        _take_film(scene, look, film, overwrite, progress)
    elif web:
        from volseg.view import scene_page, serve

        serve(scene_page(scene, look), progress.note)
    else:
        from volseg.view import show

        name = f"{source.name.split('.')[0]}.png"
        show(scene, look, beside=beside, say=progress.note, snapshot=name)


def _check_outputs(shot: Path | None, film: Path | None, overwrite: bool) -> None:
    """Refuse what could not be written, before any work is done."""
    from volseg.io.atomic import check_target
    from volseg.view import check_film, check_picture

    for target, check in ((shot, check_picture), (film, check_film)):
        if target is not None:
            check_target(target, overwrite=overwrite)
            check(target)


def _take_picture(
    scene: Scene, look: Look, target: Path, beside: bool, camera: View | None, overwrite: bool
) -> None:
    from volseg.view import save, side_by_side, take_picture

    draw = side_by_side if beside else take_picture
    save(draw(scene, look, camera), target, overwrite)


def _take_film(scene: Scene, look: Look, target: Path, overwrite: bool, progress: Progress) -> None:
    from volseg.view import FILM_SIZE, TURN, save_film, turntable

    images = turntable(scene, look, TURN, FILM_SIZE)
    save_film(counted(images, "drawing", TURN, progress), target, overwrite=overwrite)
