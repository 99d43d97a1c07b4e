"""The half of ``volseg predict`` that segments volumes."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from volseg_cli import console
from volseg_cli.bar import Bar

if TYPE_CHECKING:
    from volseg.data.volumes.datasets.cases import ImageCase
    from volseg.errors import InputError
    from volseg.predict.volumes.box import Side
    from volseg.predict.volumes.model import VolumeModel
    from volseg.predict.volumes.run import VolumeJob

COMPUTING = {
    "estimate": "measuring sizes",
    "prepare": "preparing",
    "network": "network",
    "blend": "blending and resampling",
    "group": "grouping",
}


@dataclass(frozen=True)
class VolumeOptions:
    """How images are segmented, and what is written.

    Attributes:
        tta: average over mirrored views.
        largest: classes of which the largest component alone is kept; None leaves that to the
            model.
        series: the DICOM series to take where a folder holds several.
        probabilities: write those of every class too.
        objects: tell objects apart, even if the model has not learnt to.
        preview: draw a PNG beside each label map.
        radiological: draw it with the patient's left on the right.
        skip_existing: leave out images whose outputs are there.
        compress: write probabilities as 255ths, compressed.
        box: which voxels to segment, along the axes of the file; None for all.
        dicom_seg: write labels of DICOM series as segmentations of these, too.
        rtstruct: write them as RT structure sets, too.
        overwrite: replace existing files.
        estimate: zoom each image by the diameter of its objects.
    """

    tta: bool
    largest: tuple[str, ...] | None
    series: str | None
    probabilities: bool
    objects: bool
    preview: bool
    radiological: bool
    skip_existing: bool
    overwrite: bool
    compress: bool = False
    box: Sequence[Side] | None = None
    dicom_seg: bool = False
    estimate: bool = False
    rtstruct: bool = False


def predict_volumes(
    model: VolumeModel, inputs: Sequence[Path], out: Path, options: VolumeOptions
) -> None:
    """Write a label map for every image; say what took how long."""
    from volseg.predict.volumes.coco import is_coco, write_json
    from volseg_cli.batch import finish
    from volseg_cli.preview import check_previews, preview_of

    model = _with_rule(model, options.largest)
    if options.tta and model.exchanged is not None:
        names = " and ".join(model.exchanged)
        console.note(f"--tta mirrors no volume from right to left: that would exchange {names}")
    jobs, wrong = _plan(model, inputs, out, options)
    total = len(jobs) + len(wrong)
    there, jobs = _split(jobs, options) if options.skip_existing else ([], jobs)
    if options.preview:
        check_previews([job.target for job in jobs], overwrite=options.overwrite)
        for job in there:
            if not preview_of(job.target).exists():
                _preview(job, model, options)
    for error in wrong:
        console.fail(str(error))
    _segment(model, jobs, options)
    if is_coco(out):
        write_json(out, jobs, model.labels, overwrite=options.overwrite)
    failed = [error.path.name for error in wrong if error.path is not None]
    finish(failed + [job.images[0].name for job in jobs if job.error is not None], total)


def _segment(model: VolumeModel, jobs: Sequence[VolumeJob], options: VolumeOptions) -> None:
    """Do every job, say what is odd or fails, and show what took how long."""
    from volseg.predict.volumes.run import segment_volumes

    ready = _since_start()
    table = console.table("image", "voxels", "read s", "compute s", "write s", "written")
    done: list[VolumeJob] = []
    with Bar() as bar:
        # What an unfinished image left beside its label map is written anew.
        replace_all = options.overwrite or options.skip_existing
        for job in segment_volumes(
            model, jobs, tta=options.tta, estimate=options.estimate, overwrite=replace_all,
            progress=bar,
        ):  # fmt: skip
            for text in job.notes:
                console.note(f"{job.images[0]}: {text}")
            if job.error is not None:
                console.fail(str(job.error))
                continue
            done.append(job)
            if options.preview:
                _preview(job, model, options)
            table.add_row(*_row(job))
    if done:
        console.note(console.machine(model.device))
        console.show(table)
        console.note(_times(ready, done))


def _preview(job: VolumeJob, model: VolumeModel, options: VolumeOptions) -> None:
    from volseg.view.volumes.preview import preview_volume
    from volseg_cli.preview import leave_preview

    labels, ids = model.labels, None if job.objects is None else job.objects.ids
    if ids == job.target:  # every id is of the one thing
        labels = replace(labels, rest=labels.things[0])
    draw = partial(preview_volume, job.images, job.target, labels, objects=ids)
    draw = partial(draw, radiological=options.radiological)
    leave_preview(job.target, draw, overwrite=options.overwrite)


def _with_rule(model: VolumeModel, largest: Sequence[str] | None) -> VolumeModel:
    """The model with the rule for components that the user asks for; says which one it uses."""
    from volseg.errors import InputError

    unknown = [name for name in largest or () if name not in model.labels.names]
    if unknown:
        known = ", ".join(model.labels.names)
        raise InputError(f"--largest {unknown[0]!r}: wanted a class of the model: {known}")
    if largest is not None:
        model = replace(model, largest=tuple(largest))
    whose = "as chosen in training; --no-largest keeps all" if largest is None else "as asked"
    if model.largest:
        console.note(f"only the largest component is kept of {', '.join(model.largest)}, {whose}")
    elif largest is not None:
        console.note("all components are kept, as asked")
    return model


def _split(
    jobs: Sequence[VolumeJob], options: VolumeOptions
) -> tuple[list[VolumeJob], list[VolumeJob]]:
    """The jobs whose outputs are all there, and the others, whose label maps must not be."""
    from volseg.io.atomic import check_target

    there = [job for job in jobs if all(one.exists() for one in _outputs(job))]
    left = [job for job in jobs if job not in there]
    for job in left:
        check_target(job.target, overwrite=options.overwrite)
    if there:
        console.note(f"{len(there)} of {len(jobs)} are there already and stay")
    return there, left


def _outputs(job: VolumeJob) -> list[Path]:
    objects = () if job.objects is None else (job.objects.ids, job.objects.table)
    paths = (job.target, job.probabilities, job.segmentation, job.structures, *objects)
    return list(dict.fromkeys(path for path in paths if path is not None))


def _plan(
    model: VolumeModel, inputs: Sequence[Path], out: Path, options: VolumeOptions
) -> tuple[list[VolumeJob], list[InputError]]:
    """What is read and where it goes, and which images cannot be; checked before any work."""
    from volseg.data.volumes.datasets.folders import LABELS, find_folder
    from volseg.data.volumes.datasets.images import group_images
    from volseg.errors import InputError
    from volseg.io import is_volume, volume_stem
    from volseg.io.atomic import check_target
    from volseg.io.volumes.files import check_label_format
    from volseg.io.volumes.formats import is_listed_volume, label_suffix
    from volseg.io.volumes.probabilities import probability_suffix
    from volseg.predict.volumes.coco import check_json, is_coco
    from volseg.predict.volumes.object_files import ObjectFiles, wants_objects
    from volseg_cli.paths import expand, targets
    from volseg_cli.volume_inputs import beside_series, without_labels, without_other_series

    for folder in filter(Path.is_dir, inputs):
        labels = find_folder(folder, LABELS)
        if labels is not None:
            there = f"holds label maps too ({labels.name}); name the folder of images in it"
            raise InputError(there, path=folder)
    files = without_labels(expand(inputs, out, is_listed_volume, "volume"))
    files = without_other_series(files, inputs, options.series)
    cases, wrong = group_images(list(files), len(model.channels))
    overwrite = options.overwrite or options.skip_existing
    names = {one.images[0]: one.name for one in cases}
    is_file, coco = not out.is_dir() and is_volume(out), is_coco(out)
    if is_file:
        check_label_format(out)
    if coco:
        if options.preview or options.skip_existing:
            raise InputError("--preview and --skip-existing go with folders of labels", path=out)
        check_json(out, list(names), overwrite=options.overwrite)
        out = out.with_suffix("")
    suffix = (lambda image: ".png") if coco else label_suffix
    places = targets(
        list(names),
        out,
        name=lambda image: files[image] / (names[image] + suffix(image)),
        is_file=is_file,
        overwrite=overwrite,
        what="volume",
    )
    jobs, objects = [], wants_objects(model.labels, options.objects)
    for case, target in zip(cases, places, strict=True):
        beside: Path | None = None
        if options.probabilities:
            stem = f"{volume_stem(target)}_probabilities"
            suffix_of = probability_suffix(case.images[0], compressed=options.compress)
            beside = target.with_name(stem + suffix_of)
            check_target(beside, overwrite=overwrite)
        job = _job(case, target, beside, options.series)
        job.box = options.box
        if options.dicom_seg:
            job.segmentation = beside_series(job, "--dicom-seg", "seg", overwrite=overwrite)
        if options.rtstruct:
            job.structures = beside_series(job, "--rtstruct", "rtstruct", overwrite=overwrite)
        if objects or coco:
            job.objects = ObjectFiles.of(target, model.labels, coco=coco)
            job.objects.check(overwrite=overwrite)
        jobs.append(job)
    return jobs, wrong


def _job(case: ImageCase, target: Path, beside: Path | None, series: str | None) -> VolumeJob:
    """What is read, and where it goes; a case without the series that is wanted has failed."""
    from volseg.errors import InputError
    from volseg.predict.volumes.run import VolumeJob

    if series is not None:
        from volseg.data.volumes.datasets.series import with_series

        try:
            case = with_series(case, series)
        except InputError as error:
            return VolumeJob(case.images, target, beside, error=error)
    return VolumeJob(case.images, target, beside)


def _row(job: VolumeJob) -> tuple[str, ...]:
    seconds = job.stopwatch.seconds
    computing = sum(seconds[name] for name in COMPUTING)
    times = (seconds["read"], computing, seconds["write"])
    written = " ".join(map(str, _outputs(job)))
    return job.images[0].name, f"{job.voxels:,}", *(f"{one:.2f}" for one in times), written


def _since_start() -> float:
    """Seconds since this process was started."""
    import psutil

    return time.time() - float(psutil.Process().create_time())


def _times(ready: float, jobs: Sequence[VolumeJob]) -> str:
    """Where the time went, over all images."""
    total: Counter[str] = Counter()
    for job in jobs:
        total.update(job.stopwatch.seconds)
    computing = sum(total[name] for name in COMPUTING)
    spent = {words: total[name] for name, words in COMPUTING.items() if name in total}
    parts = ", ".join(f"{words} {seconds:.1f} s" for words, seconds in spent.items())
    return (
        f"start {ready:.1f} s, compute {computing:.1f} s ({parts}); beside it "
        f"read {total['read']:.1f} s, write {total['write']:.1f} s"
    )
