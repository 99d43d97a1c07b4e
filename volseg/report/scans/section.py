"""A segmented scan to look at from all sides: truth, prediction, errors."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from volseg.geometry.colours import IGNORED_COLOUR, rgb
from volseg.geometry.labels import IGNORE, LabelMap
from volseg.metrics.matching import Matching
from volseg.metrics.object_errors import ERROR_KINDS
from volseg.report.objects import WRONG_CLASS
from volseg.report.scans.case import ScanCase
from volseg.report.scans.objects import ScanCaseObjects
from volseg.report.scans.selection import keep_every_group
from volseg.report.section import CaseSection, asset, class_buttons, data_uri, render
from volseg.view.browser.plotly_camera import OPENING, plotly_camera
from volseg.view.camera import LocalFrame, aim, fit
from volseg.view.colours import CORRECT, WRONG
from volseg.view.object_colours import ERROR_COLOURS, PALETTE
from volseg.view.palette import to_hex
from volseg.view.projection import project
from volseg.view.scans.thinning import spacing
from volseg.view.spots import find_spots

STEPS = (1 << 16) - 1
"""Steps that the longest side of a cloud is divided into."""
SPOTS = 5
REACH = 2.0
"""Wrong points nearer than so many mean distances of points hang together."""
PICTURE = (560, 420)
SHAPES = {"wide": (160, 100), "tall": (85, 100)}
"""Shapes of the 3-D view that have a camera of their own: those of screens and of phones."""
ROOM = 1.1
"""How much farther the camera stands than the points need, for the axes."""


def scan_section(
    case: ScanCase, labels: LabelMap, anchor: str, most: int, pairs: Matching | None = None
) -> CaseSection:
    """A scan with buttons for truth, prediction and errors, and for every class it has.

    Args:
        case: at least one point, and its place.
        labels: the classes.
        anchor: id of the section.
        most: points to show.
        pairs: what became of its objects, where they are told apart.
    """
    everything, case = case, case.near()
    objects = None if pairs is None else ScanCaseObjects(case, pairs, labels)
    assert everything.xyz is not None
    assert case.xyz is not None
    groups = (case.truth + 1) * (len(labels) + 1) + case.predicted + 1
    if objects is not None:
        groups = groups * (len(ERROR_KINDS) + 1) + objects.fates
    index = keep_every_group(case.xyz, groups, most)
    local = LocalFrame.around(case.xyz).to_local(case.xyz[index])
    spots = _spots(case, labels) if objects is None else objects.listed()
    body = render(
        "cloud.html",
        anchor=anchor,
        name=case.name,
        points=len(case.xyz),
        drawn=len(index),
        far=len(everything.xyz) - len(case.xyz),
        labelled=int((everything.truth != IGNORE).sum()),
        wrong=int(everything.wrong.sum()),
        classes=class_buttons(labels, np.unique((case.truth, case.predicted)).tolist()),
        ignored=bool((case.truth == IGNORE).any()),
        origin=case.xyz.min(axis=0).tolist(),
        spots=spots,
        kinds={} if objects is None else ERROR_COLOURS,
        pictures=_pictures(case, labels, index, objects),
        data=_data(case, labels, index)
        | {"spots": spots, "cameras": _cameras(local), "objects": _objects(objects, index)}
        | ({} if objects is None else {"wrong": WRONG_CLASS}),
    )
    return CaseSection(anchor, case.name, body, (asset("cloud.js"), asset("cloud.css")))


def _data(case: ScanCase, labels: LabelMap, index: NDArray[np.int64]) -> dict[str, Any]:
    """What the script draws: coordinates in steps from the lowest corner, ids from 1 on."""
    assert case.xyz is not None
    origin = case.xyz.min(axis=0)
    step = float((case.xyz.max(axis=0) - origin).max()) / STEPS or 1.0
    steps = np.rint((case.xyz[index] - origin) / step)
    kind = np.dtype("<u1" if len(labels) < 255 else "<u2")
    sure = case.confidence
    return {
        "names": list(labels.names),
        "colours": [one.colour for one in labels.classes],
        "ignored": IGNORED_COLOUR,
        "right": to_hex(CORRECT),
        "wrong": to_hex(WRONG),
        "origin": origin.tolist(),
        "step": step,
        "wide": kind.itemsize == 2,
        "xyz": _base64(steps.astype("<u2")),
        "truth": _base64((case.truth[index] + 1).astype(kind)),
        "predicted": _base64((case.predicted[index] + 1).astype(kind)),
        "confidence": None if sure is None else _base64(_percent(sure[index])),
    }


def _objects(objects: ScanCaseObjects | None, index: NDArray[np.int64]) -> dict[str, Any] | None:
    """Colours and fates of the objects at the points drawn."""
    if objects is None:
        return None
    truth, predicted = (_base64(colours[index]) for colours in objects.colours)
    return {
        "truth": truth,
        "predicted": predicted,
        "fates": _base64(objects.fates[index]),
        "kinds": list(ERROR_COLOURS),
        "colours": list(ERROR_COLOURS.values()),
        "palette": [to_hex(colour) for colour in PALETTE.tolist()],
    }


def _percent(confidence: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Whole percents; 255 where there is none."""
    known = np.nan_to_num(np.rint(confidence * 100), nan=255.0)
    return np.asarray(np.clip(known, 0, 255), dtype=np.uint8)


def _cameras(local: NDArray[np.float64]) -> dict[str, Any]:
    """Cameras that frame the cloud from where the pictures are taken, for each shape of view."""
    rotation = aim(local, "oblique", PICTURE).rotation
    framed = {shape: fit(local, rotation, size, OPENING) for shape, size in SHAPES.items()}
    return {
        shape: plotly_camera(replace(camera, position=ROOM * camera.position), np.zeros(3))
        for shape, camera in framed.items()
    }


def _spots(case: ScanCase, labels: LabelMap) -> list[dict[str, Any]]:
    """The largest groups of wrong points, and what most of them were taken for."""
    assert case.xyz is not None
    wrong = np.flatnonzero(case.wrong)
    if len(wrong) == 0:
        return []
    xyz = case.xyz[wrong]
    names = [*labels.names, "no class"]
    found = []
    for spot in find_spots(xyz, REACH * spacing(case.xyz), SPOTS):
        near = wrong[np.linalg.norm(xyz - spot.centre, axis=1) <= spot.radius]
        pairs = np.stack((case.truth[near], case.predicted[near]), axis=1)
        kinds, counts = np.unique(pairs, axis=0, return_counts=True)
        truth, predicted = kinds[int(counts.argmax())].tolist()
        mostly = "mostly " if spot.count > 1 else ""
        found.append(
            {
                "points": spot.count,
                "text": f"{mostly}{names[truth]} taken for {names[predicted]}",
                "centre": spot.centre.tolist(),
                "radius": spot.radius,
            }
        )
    return found


def _pictures(
    case: ScanCase, labels: LabelMap, index: NDArray[np.int64], objects: ScanCaseObjects | None
) -> list[dict[str, str | int]]:
    """Errors, which nothing hides, truth and prediction, to be shown side by side."""
    assert case.xyz is not None
    truth, predicted, wrong = case.truth[index], case.predicted[index], case.wrong[index]
    # IGNORE is -1, the last row of the table.
    table = np.vstack([labels.colours, np.array([rgb(IGNORED_COLOUR)], dtype=np.uint8)])
    errors = np.array([CORRECT, WRONG], dtype=np.uint8)[wrong.astype(np.int64)]
    if objects is not None:
        errors[wrong] = rgb(WRONG_CLASS)
    errors[truth == IGNORE] = rgb(IGNORED_COLOUR)
    true_colours, predicted_colours = table[truth], table[predicted]
    if objects is not None:
        kinds = np.array([rgb(colour) for colour in ERROR_COLOURS.values()], np.uint8)
        fates, (true, guess) = objects.fates[index], objects.colours
        errors[fates > 0] = kinds[fates[fates > 0] - 1]
        wrong = wrong | (fates > 0)
        for colours, turns in ((true_colours, true[index]), (predicted_colours, guess[index])):
            colours[turns > 0] = PALETTE[turns[turns > 0] - 1]
    seen = project(case.xyz[index], "oblique", PICTURE)
    images = (
        ("Errors", project(case.xyz[index], "oblique", PICTURE, on_top=wrong).paint(errors)),
        ("Truth", seen.paint(true_colours)),
        ("Prediction", seen.paint(predicted_colours)),
    )
    return [
        {"title": title, "uri": data_uri(image), "width": image.width, "height": image.height}
        for title, image in images
    ]


def _base64(values: NDArray[Any]) -> str:
    return base64.b64encode(np.ascontiguousarray(values).tobytes()).decode()
