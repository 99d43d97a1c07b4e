"""Predictions in COCO's panoptic format: a JSON, and a folder of PNGs of the same name."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from volseg.errors import InputError
from volseg.geometry.labels import LabelMap
from volseg.io.atomic import check_target
from volseg.io.volumes.coco import VOID, Category, CocoPanoptic
from volseg.io.volumes.formats import find_volume_format
from volseg.predict.volumes.run import VolumeJob


def is_coco(out: Path) -> bool:
    """Whether an output is to be in COCO's format: it is a JSON."""
    return out.suffix.lower() == ".json"


def check_json(out: Path, images: Sequence[Path], *, overwrite: bool) -> None:
    """Refuse what cannot be written as COCO has it, before any work.

    Raises:
        InputError: if the JSON exists, or an image is no picture.
    """
    check_target(out, overwrite=overwrite)
    for image in images:
        if find_volume_format(image).placed:
            raise InputError(
                "is no picture, and COCO's format holds pictures alone; name a folder to write to",
                path=image,
            )


def write_json(
    out: Path, jobs: Sequence[VolumeJob], labels: LabelMap, *, overwrite: bool = False
) -> None:
    """Write the JSON of all images whose PNGs are written.

    Raises:
        InputError: if it exists or cannot be written.
    """
    pngs = {
        job.target.relative_to(out.with_suffix("")).as_posix(): job
        for job in jobs
        if job.error is None
    }
    CocoPanoptic(
        categories_of(labels),
        {png: job.segments for png, job in pngs.items()},
        {png: job.images[0].name for png, job in pngs.items()},
    ).write(out, overwrite=overwrite)


def categories_of(labels: LabelMap) -> tuple[Category, ...]:
    """The classes as COCO's JSON lists them; what is written as void is none."""
    return tuple(
        Category(entry.ids[0], entry.name, entry.thing)
        for entry in labels.classes
        if entry.ids[0] != VOID
    )
