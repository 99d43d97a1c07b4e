"""Validation on volumes while they are trained on: a few patches, scored and drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, TypeVar

import numpy as np
from accelerate import Accelerator
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn

from volseg.config import ImageSpec
from volseg.data.batch import Batch
from volseg.data.objects import ObjectHead
from volseg.data.volumes.augment_space import SpatialAugmentation
from volseg.data.volumes.patches import Patches
from volseg.data.volumes.store import CachedCase
from volseg.geometry.labels import IGNORE, LabelMap
from volseg.runs.pictures import Draw
from volseg.runs.volumes.object_scores import ObjectScorer
from volseg.runs.volumes.patch_scores import PatchScorer, painted
from volseg.train.loop import Validate
from volseg.view.validation import ValidationRow, draw_slices, slice_row
from volseg.view.volumes.planes import grey, grey_limits
from volseg.view.volumes.sides import sides_of

T = TypeVar("T")

MOST_PATCHES, LEAST_PATCHES, MOST_CELLS = 40, 4, 1 << 24
"""Held-out patches scored after every epoch, and how many voxels they may have together."""
ANYWHERE = 3
"""Patches anywhere in a case that is larger than a patch, beside the one around its foreground."""
SHOWN = 4
NOTHING = -2
"""Marks voxels of no region, where `IGNORE` marks those of unknown truth."""


def patch_validation(
    images: ImageSpec,
    labels: LabelMap,
    cases: Sequence[CachedCase],
    accelerator: Accelerator,
    *,
    placed: bool = False,
) -> tuple[Validate, Draw]:
    """Scores patches of held-out cases, and draws a few of those around their foreground.

    Each case has one around its foreground, and others anywhere in it, since what lies far from
    all foreground can be taken for it too. Slices of images that are ``placed`` in the world have
    letters at their edges.
    """
    most = max(LEAST_PATCHES, min(MOST_PATCHES, MOST_CELLS // int(np.prod(images.patch))))
    chosen = _evenly(cases, most)
    head = ObjectHead.of(labels, len(images.axes))
    batches = [_patch(case, images, head) for case in chosen]
    if head is None:
        larger = [case for case in chosen if _reaches_out(case, images)]
        many = min(ANYWHERE * len(larger), most - len(batches))
        batches += [_anywhere(larger[n % len(larger)], images, n) for n in range(many)]
    scorer = (
        PatchScorer(batches, labels.names, accelerator, overlap=labels.overlap)
        if head is None
        else ObjectScorer(batches, labels, images, accelerator)
    )
    names = [channel.name for channel in images.channels]
    coloured = _in_colour(names)
    across, up = images.axes[:2]
    first, second = images.spacing[across], images.spacing[up]
    sides = sides_of(across, up) if placed else ""

    def scene(case: CachedCase, batch: Batch[Tensor], predicted: Tensor) -> ValidationRow:
        cut = _slice(case, batch, predicted, labels, coloured=coloured)
        if _is_image(case):
            return slice_row(case.name, *cut, labels, (first, second))
        return slice_row(case.name, *cut, labels, (second, first), sides)

    def draw(_: nn.Module) -> Image.Image:
        around = [number for number in scorer.mine if number < len(chosen)]
        own = [chosen[number] for number in around]
        shown = _evenly(list(zip(own, scorer.batches, scorer.predicted, strict=False)), SHOWN)
        scenes = [scene(*predicted) for predicted in shown]
        return draw_slices(scenes, labels, "colour" if coloured else names[0])

    return scorer, draw


def _evenly(items: Sequence[T], most: int) -> list[T]:
    """At most so many of a sequence, evenly spread over it."""
    many = min(most, len(items))
    return [items[number * len(items) // many] for number in range(many)]


def _patch(case: CachedCase, images: ImageSpec, head: ObjectHead | None) -> Batch[Tensor]:
    """The same patch around the foreground of a case, every time."""
    space = SpatialAugmentation(spacing=images.spacing)
    kept = Patches(
        [case], patch=images.patch, batch=1, foreground=1.0, seed=0, space=space, head=head
    )
    return kept.draw(0)


def _reaches_out(case: CachedCase, images: ImageSpec) -> bool:
    """Whether a case is larger than a patch."""
    return bool((np.array(case.image.shape[1:]) > images.patch).any())


def _anywhere(case: CachedCase, images: ImageSpec, number: int) -> Batch[Tensor]:
    """Patch ``number`` anywhere in a case, the same every time."""
    space = SpatialAugmentation(spacing=images.spacing)
    kept = Patches([case], patch=images.patch, batch=1, foreground=0.0, seed=1, space=space)
    return kept.draw(number)


class Slice(NamedTuple):
    """A slice: image (H, W) or uint8 (H, W, 3), training ids (H, W), below 0 for none."""

    image: NDArray[Any]
    truth: NDArray[np.int64]
    predicted: NDArray[np.int64]


def _slice(
    case: CachedCase,
    batch: Batch[Tensor],
    predicted: Tensor,
    labels: LabelMap,
    *,
    coloured: bool = False,
) -> Slice:
    """The slice of a patch with most foreground; as an image is if it has but one."""
    image = batch.inputs[0, 0].numpy()
    unknown = batch.targets[0].numpy() == IGNORE
    if labels.overlap:
        unknown = unknown.all(axis=0)
    truth, guess = (painted(ids[0], labels.overlap) for ids in (batch.targets, predicted))
    for ids in (truth, guess):
        ids[ids < 0] = NOTHING
        ids[unknown] = IGNORE
    if image.ndim == 3:
        most = int((truth >= labels.first).sum(axis=(0, 1)).argmax())
        image, truth, guess = (volume[:, :, most] for volume in (image, truth, guess))
    if _is_image(case) and coloured and batch.inputs.ndim == 4:
        # Channels were scaled apart from each other, and are shown so: the light may be another.
        light = batch.inputs[0].numpy()
        image = np.stack([grey(values, grey_limits(values))[..., 0] for values in light], axis=-1)
    if _is_image(case):
        return Slice(image, truth, guess)
    return Slice(image.T[::-1], truth.T[::-1], guess.T[::-1])  # right to the right, anterior up


def _in_colour(channels: Sequence[str]) -> bool:
    """Whether channels of those names are a photograph's: red, green, blue, or three of no name."""
    initials = "".join(name[:1].lower() for name in channels)
    nameless = all(name.startswith("channel_") for name in channels)
    return initials == "rgb" or (nameless and len(channels) == 3)


def _is_image(case: CachedCase) -> bool:
    return int(case.image.shape[-1]) == 1
