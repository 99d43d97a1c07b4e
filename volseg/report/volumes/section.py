"""A segmented volume to look at in slices: truth, prediction, errors."""

from __future__ import annotations

import base64
import zlib
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from volseg.data.volumes.encode import encode_volume
from volseg.errors import InputError
from volseg.geometry.colours import IGNORED_COLOUR
from volseg.geometry.labels import IGNORE, LabelMap
from volseg.geometry.volume import MISPLACED, Volume, apart, times
from volseg.io.volumes.files import read_volume
from volseg.metrics.matching import Matching
from volseg.report.objects import WRONG_CLASS
from volseg.report.section import CaseSection, asset, class_buttons, render
from volseg.report.volumes.case import VolumeCase, read_case
from volseg.report.volumes.cut import Cut, cut, worst
from volseg.report.volumes.objects import CaseObjects
from volseg.view.colours import WRONG
from volseg.view.object_colours import ERROR_COLOURS, PALETTE
from volseg.view.palette import to_hex
from volseg.view.volumes.planes import grey, grey_limits

# Of each slice: across which axis it is, its name, the axes of its columns and rows, whether they
# run backwards on the screen, and what lies left, right, above and below.
ANATOMY = (
    (2, "Axial", (0, 1), (False, True), "LRAP"),
    (1, "Coronal", (0, 2), (False, True), "LRSI"),
    (0, "Sagittal", (1, 2), (False, True), "PASI"),
)
STACK = (
    (2, "Page", (1, 0), (False, False), ""),
    (1, "Column", (2, 0), (False, False), ""),
    (0, "Row", (2, 1), (False, False), ""),
)


def volume_section(
    case: VolumeCase, labels: LabelMap, anchor: str, most: int, pairs: Matching | None = None
) -> CaseSection:
    """A volume with sliders for its slices, and buttons for truth, prediction, errors and classes.

    Args:
        case: the files.
        labels: the classes.
        anchor: id of the section.
        most: voxels to draw.
        pairs: what became of its objects, where they are told apart.

    Raises:
        InputError: if the labels cannot be read; an image that cannot be used is told instead.
    """
    read = read_case(case, labels)
    predicted, truth, placed = read.predicted, read.truth, read.placed
    objects = None
    if read.sides is not None and pairs is not None:
        objects = CaseObjects(read.sides, pairs, labels.things)
    known, busy, wrong = _compared(predicted, truth, labels)
    part = cut(busy, truth.spacing, most)
    chosen = part.chosen(wrong)
    drawn = _labels(predicted, truth, labels, chosen)
    image, notes = _image(case, truth, placed, part)
    planes = _planes(truth, placed, part, part.counts(wrong))
    body = render(
        "volume.html",
        name=case.pair.name,
        known=known,
        wrong=int(wrong.sum()),
        notes=[*_cut_notes(part, truth.grid), *notes],
        planes=planes,
        errors=[] if objects is None else _listed(objects, labels, part),
        kinds=ERROR_COLOURS if objects is not None else {},
        classes=class_buttons(labels, set(chain(*drawn["members"][1:])), first=1),
        ignored=bool((np.asarray(drawn["truth"]) == 0).any()),
        data={
            "names": ["ignored", *labels.names],
            "colours": [IGNORED_COLOUR, *(one.colour for one in labels.classes)],
            "wrong": to_hex(WRONG) if objects is None else WRONG_CLASS,
            "grid": part.grid,
            "image": image,
            "members": drawn["members"],
            "wide": drawn["truth"].itemsize == 2,
            "truth": _packed(drawn["truth"]),
            "predicted": _packed(drawn["predicted"]),
            "start": part.start,
            "steps": part.steps,
            "affine": truth.affine.tolist() if placed else None,
            "planes": planes,
            "objects": None if objects is None else _objects(objects, chosen),
        },
    )
    assets = (asset("slice.js"), asset("volume.js"), asset("volume.css"))
    return CaseSection(anchor, case.pair.name, body, assets)


def _objects(objects: CaseObjects, chosen: NDArray[np.int64]) -> dict[str, Any]:
    """Objects of truth and prediction as the script draws them."""
    truth, predicted = (
        side | {"wide": side["numbers"].itemsize == 4, "numbers": _packed(side["numbers"])}
        for side in objects.drawn(tuple(chosen))
    )
    return {
        "truth": truth,
        "predicted": predicted,
        "palette": [to_hex(colour) for colour in PALETTE.tolist()],
        "kinds": list(ERROR_COLOURS),
        "colours": list(ERROR_COLOURS.values()),
    }


def _listed(objects: CaseObjects, labels: LabelMap, part: Cut) -> list[dict[str, Any]]:
    """The worst objects of a case, each with the drawn voxel in its middle."""
    return [
        {
            "kind": error.kind,
            "name": labels.names[error.label],
            "cells": error.cells,
            "cell": part.cell(objects.cell(error)),
        }
        for error in objects.errors()
    ]


def _compared(
    predicted: Volume, truth: Volume, labels: LabelMap
) -> tuple[int, NDArray[np.bool_], NDArray[np.bool_]]:
    """How many voxels have a known truth; those of a class; and those that are wrong."""
    true, guess = (encode_volume(one.array[0], labels) for one in (truth, predicted))
    known = true != IGNORE
    wrong = known & (true != guess)
    busy = wrong | (true > 0 if labels.overlap else true >= labels.first)
    if labels.overlap:
        return int(known[0].sum()), busy.any(axis=0), wrong.any(axis=0)
    return int(known.sum()), busy, wrong


def _labels(
    predicted: Volume, truth: Volume, labels: LabelMap, chosen: NDArray[np.int64]
) -> dict[str, Any]:
    """Codes of the drawn voxels, and the classes each code stands for, counted from 1.

    Code 0 is what is ignored, "class" 0. Background is in no class.
    """
    raw = np.stack([one.array[0][tuple(chosen)] for one in (truth, predicted)])
    ids, places = np.unique(raw, return_inverse=True)
    encoded = labels.encode(ids)
    members: list[tuple[int, ...]] = [(0,)]
    table = np.zeros(len(ids), dtype=np.uint16)
    for number in range(len(ids)):
        if labels.overlap:
            own = tuple(k + 1 for k, flag in enumerate(encoded[:, number]) if flag > 0)
            ignored = bool((encoded[:, number] == IGNORE).any())
        else:
            train = int(encoded[number])
            own, ignored = (train + 1,) if train >= labels.first else (), train == IGNORE
        if not ignored:
            if own not in members:
                members.append(own)
            table[number] = members.index(own)
    codes = table[places.reshape(raw.shape)].astype(np.uint8 if len(members) <= 256 else np.uint16)
    return {"members": members, "truth": codes[0], "predicted": codes[1]}


def image_of(case: VolumeCase, truth: Volume, placed: bool) -> tuple[Volume | None, list[str]]:
    """The image of a case on the grid of its truth; or None, and why."""
    if not case.images:
        return None, ["The image is not known, only labels: compare with a dataset to see it."]
    try:
        image = read_volume(case.images)
    except InputError as error:
        return None, [f"The image cannot be shown: {error}."]
    image = image.canonical() if placed else image
    if image.grid != truth.grid or (placed and apart(truth, image) > MISPLACED):
        return None, ["The image cannot be shown: it lies elsewhere than its labels."]
    return image, []


def _image(
    case: VolumeCase, truth: Volume, placed: bool, part: Cut
) -> tuple[dict[str, Any] | None, list[str]]:
    """The first channel in grey, a photograph in colour; and what to say of it."""
    image, notes = image_of(case, truth, placed)
    if image is None:
        return None, notes
    array = image.array
    coloured = not placed and len(array) == 3 and array.min() >= 0 and array.max() <= 255
    shown = [part.mean(one) for one in array[: 3 if coloured else 1]]
    limits = (0.0, 255.0) if coloured else grey_limits(shown[0])
    channels = [grey(one, limits)[..., 0] for one in shown]
    notes = [] if coloured or len(array) == 1 else [f"The first of {len(array)} channels is drawn."]
    return {"channels": len(channels), "values": _packed(np.stack(channels, axis=-1))}, notes


def _cut_notes(part: Cut, grid: tuple[int, int, int]) -> list[str]:
    notes = []
    sides = tuple(side.stop - side.start for side in part.box)
    if sides != grid:
        shown, of = (times(one) for one in (sides, grid))
        notes.append(f"The part around the classes is drawn, {shown} of {of} voxels.")
    if max(part.steps) > 1:
        notes.append(
            f"Of every {times(part.steps)} voxels one is drawn, a wrong one where there is any."
        )
    return notes


def _planes(
    truth: Volume, placed: bool, part: Cut, counts: list[list[int]]
) -> list[dict[str, Any]]:
    """The slices to draw, in millimetres (pixels), and where each has most wrong voxels."""
    sides = truth.spacing * part.steps * part.grid
    kinds = ANATOMY if placed else STACK
    found = []
    for axis, name, across, flips, letters in kinds[: 1 if truth.grid[2] == 1 else 3]:
        order = worst(counts[axis])
        found.append(
            {
                "axis": axis,
                "name": name,
                "across": across,
                "flips": flips,
                "letters": letters,
                "width": float(sides[across[0]]),
                "height": float(sides[across[1]]),
                "slices": part.grid[axis],
                "of": truth.grid[axis],
                "wrong": counts[axis],
                "worst": order or [part.grid[axis] // 2],
            }
        )
    return found


def _packed(values: NDArray[Any]) -> str:
    """Deflated, little-endian, in base64."""
    plain = np.ascontiguousarray(values, dtype=values.dtype.newbyteorder("<"))
    return base64.b64encode(zlib.compress(plain.tobytes())).decode()
