"""One case under the lens: its image, its label, and whether they go together."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from volseg.data.volumes.checks.masks import IdLayout, id_layout, soft_edges, soft_message
from volseg.data.volumes.checks.mend import read_or_mend, reference
from volseg.data.volumes.datasets.cases import Case, Problem, Severity
from volseg.data.volumes.datasets.classes import MOST_IDS
from volseg.errors import InputError
from volseg.geometry.onto import covered, offset_within, resample_onto
from volseg.geometry.volume import MISPLACED, ROUNDED, Volume, apart, times
from volseg.io.volumes.files import lay_on, read_volume, read_volume_header

SLICERS = ".seg.nrrd"
"""How 3D Slicer names segmentations, which it cuts to what is in them."""

LEAST_COVERED = 0.5
"""Share of a grid that a channel must cover to be resampled to it."""


@dataclass(frozen=True)
class Seen:
    """What a sound image and its label hold.

    Attributes:
        case: whose they are.
        channels: number of channels.
        spacing: millimetres along the canonical axes.
        digest: of the voxels: equal for equal images.
        ids: voxels of every raw id in the label.
        solid: the ids of a mask with soft edges, of which ``ids`` has no others.
        layout: how the ids of a label map lie in space that may number objects.
        coloured: whether the ids are those of colours, 65536 red + 256 green + blue.
    """

    case: Case
    channels: int
    spacing: tuple[float, float, float]
    digest: bytes
    ids: dict[int, int]
    solid: tuple[int, ...] | None = None
    layout: IdLayout | None = None
    coloured: bool = False


def inspect_case(case: Case, known: frozenset[int] | None) -> tuple[Seen | None, list[Problem]]:
    """Read a case's files, image before label, and say what is wrong with them.

    Args:
        case: with all its files there.
        known: the raw ids a label may hold; None where any will do.

    Returns:
        What was seen, None unless both could be read, and the problems.
    """
    image, digest, problems = _read_image(case)
    try:
        mended = read_or_mend(case.label, classes=known)
    except InputError as error:
        return None, [*problems, Problem.of(case.name, error, case.label)]
    truth, coloured = mended.volume, mended.repair == "colours"
    if mended.repair is not None:
        message, remedy = mended.message, mended.remedy
        problems.append(Problem(case.name, message, remedy, case.label, repair=mended.repair))
    values, counts = np.unique(truth.array, return_counts=True)
    ids = dict(zip(values.tolist(), counts.tolist(), strict=True))
    solid = layout = None
    if known is None or not known.issuperset(ids):
        solid = None if coloured else soft_edges(truth.array[0])
        layout = id_layout(truth) if solid is None else None
    if solid is None:
        problems += _label_problems(case.name, case.label, ids, numbered=layout is not None)
    else:
        message, remedy = soft_message(truth.array[0], solid), "have them made sharp (--fix OUT)"
        problems.append(Problem(case.name, message, remedy, case.label, repair="edges"))
        ids = {raw: ids[raw] for raw in solid}
    if image is None:
        return None, [*problems, *unknown_ids(case, ids, known)]
    truth = lay_on(truth, case.label, image, case.images[0])
    agreed = image.towards(truth)
    truth = truth.towards(agreed)
    for file in (*case.images, case.label):
        problems += _doubts(case.name, file, settled=agreed is not image)
    image = agreed
    problems += _place_problems(case.name, case.label, image, truth)
    x, y, z = image.canonical().spacing.tolist()
    return Seen(case, len(image.array), (x, y, z), digest, ids, solid, layout, coloured), problems


def _read_image(case: Case) -> tuple[Volume | None, bytes, list[Problem]]:
    """Place and shape of an image, without its voxels, which are not needed further on."""
    try:
        image, problems = _on_one_grid(case)
    except InputError as error:
        return None, b"", [Problem.of(case.name, error, case.images[0])]
    problems += _image_problems(case, image)
    digest = _digest(image.array)
    return replace(image, array=np.broadcast_to(np.uint8(0), image.array.shape)), digest, problems


def _on_one_grid(case: Case) -> tuple[Volume, list[Problem]]:
    """The image; channels on other grids on that of `reference`, if they cover most of it."""
    try:
        return read_volume(case.images), []
    except InputError as error:
        if len(case.images) == 1:
            raise
        onto = reference(case)
        volumes = {file: read_volume(file) for file in case.images}
        grid, affine = volumes[onto].grid, volumes[onto].affine
        problems = []
        for file, volume in volumes.items():
            if volume.grid == grid and apart(volumes[onto], volume) <= ROUNDED:
                continue
            reached = covered(volume, grid, affine)
            if reached < LEAST_COVERED:
                raise error from None
            message = f"lies on another grid than {onto.name}, of which it covers {reached:.0%}"
            remedy = "have it resampled to that grid (--fix OUT)"
            problems.append(Problem(case.name, message, remedy, file, repair="grid"))
            volumes[file] = resample_onto(volume, grid, affine)
        array = np.concatenate([volume.array for volume in volumes.values()])
        return replace(volumes[onto], array=array), problems


def _doubts(name: str, file: Path, *, settled: bool) -> Iterator[Problem]:
    """How a header contradicts itself, and whether image and label settle that."""
    message, _, taken = read_volume_header(file).doubt.partition("; ")
    if message:
        taken = "the one that image and label share is taken" if settled else taken
        remedy = f"{taken}; have it written into both (--fix OUT)"
        yield Problem(name, message, remedy, file, "warning", "place")


def _digest(array: NDArray[np.float32]) -> bytes:
    digest = hashlib.blake2b(str(array.shape).encode())
    for channel in array:  # turned round they lie in memory as they do in most files: no copy
        digest.update(np.ascontiguousarray(channel.T).data)
    return digest.digest()


def _image_problems(case: Case, image: Volume) -> Iterator[Problem]:
    first = case.images[0]
    several = len(image.array) > 1
    for number, channel in enumerate(image.array):
        file = case.images[number] if len(case.images) == len(image.array) else first
        where = f"channel {number} has " if several else ""
        with np.errstate(invalid="ignore"):
            least, most = channel.min(), channel.max()  # NaN where there is one
        if not np.isfinite((least, most)).all():
            bad = channel.size - int(np.isfinite(channel).sum())
            message = f"{where}{bad:,} of {channel.size:,} voxels NaN or infinite"
            if bad < channel.size:
                yield Problem(case.name, message, "replace them (--fix OUT)", file, repair="finite")
            else:
                yield Problem(case.name, message, "export the image again", file)
        elif least == most:
            message = f"{where}the value {least:g} everywhere"
            severity: Severity = "warning" if several else "error"
            yield Problem(case.name, message, "export the image again", file, severity)


def _label_problems(
    name: str, label: Path, ids: dict[int, int], *, numbered: bool
) -> Iterator[Problem]:
    if len(ids) > MOST_IDS and not numbered:
        message = f"holds {len(ids):,} ids, so it looks like an image"
        yield Problem(name, message, "name the label instead", label)
        return
    if set(ids) <= {0}:
        message = "is background alone"
        yield Problem(name, message, "make sure that nothing is there to label", label, "warning")
    if label.suffix.lower() in (".jpg", ".jpeg"):
        message = "is a JPEG, which blurs labels"
        yield Problem(name, message, "save the label as PNG", label, "warning")


def unknown_ids(case: Case, ids: dict[int, int], known: frozenset[int] | None) -> Iterator[Problem]:
    """The ids of a label that no class has."""
    unknown = [(raw, many) for raw, many in ids.items() if known is not None and raw not in known]
    if unknown:
        shown = ", ".join(f"{raw} ({many:,} voxels)" for raw, many in unknown[:6])
        more = f" and {len(unknown) - 6} more" if len(unknown) > 6 else ""
        message = f"holds ids that are no class: {shown}{more}"
        yield Problem(case.name, message, "add them to the classes or to ignore", case.label)


def _place_problems(name: str, label: Path, image: Volume, truth: Volume) -> Iterator[Problem]:
    """Whether a label lies where its image does, voxel on voxel."""
    same_axes = apart(image.canonical(), truth.canonical()) <= MISPLACED
    if image.grid != truth.grid and not same_axes:
        # One that begins where its image does may as well be of another image, or cut short.
        start = offset_within(truth, image)
        if start is not None and (any(start) or label.name.lower().endswith(SLICERS)):
            message = f"covers {times(truth.grid)} of the {times(image.grid)} voxels of its image"
            remedy = "have the others made background (--fix OUT)"
            yield Problem(name, message, remedy, label, repair="crop")
            return
        message = f"has grid {times(truth.grid)}, its image {times(image.grid)}"
        yield Problem(name, message, "draw or resample the label on this image", label)
        return
    off = apart(image, truth)
    if off <= ROUNDED:
        return
    message = f"lies up to {off:.3g} voxels off its image"
    if off <= MISPLACED:
        remedy = "give it the image's affine (--fix OUT)"
        yield Problem(name, message, remedy, label, "warning", "affine")
    elif same_axes:
        message = "has its axes in another order or direction than its image"
        yield Problem(
            name, message, "turn it to the image's axes (--fix OUT)", label, repair="axes"
        )
    elif off <= 1 or _has_no_place(truth):
        remedy = "give it the image's affine if the voxels match (--fix OUT)"
        yield Problem(name, message, remedy, label, repair="affine")
    else:
        remedy = "lay both over each other in a viewer; resample the label on the image"
        yield Problem(name, message, remedy, label)


def _has_no_place(volume: Volume) -> bool:
    """Whether an affine is what software writes that knows none: no rotation and no origin.

    Its origin is the first voxel or, as NIfTI has it, the middle of the grid.
    """
    linear, origin = volume.affine[:3, :3], volume.affine[:3, 3]
    middle = volume.affine @ (*(np.array(volume.grid) - 1) / 2, 1)
    straight = np.array_equal(linear, np.diag(np.diag(linear)))
    return straight and bool(np.allclose(origin, 0) or np.allclose(middle[:3], 0, atol=1e-3))
