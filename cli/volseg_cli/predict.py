"""``volseg predict``: scans or volumes in, a class for every point or voxel out."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from volseg_cli.options import (
    Columns,
    Crs,
    Device,
    DeviceName,
    Overwrite,
    Series,
    Units,
    names_of,
    refuse,
)
from volseg_cli.rules import Aoi, Below, Keep, Only, Write, rules_of


class PrecisionName(StrEnum):
    """Floating-point numbers of networks."""

    float32 = "float32"
    bfloat16 = "bfloat16"


Segmenter = Annotated[
    Path,
    typer.Argument(metavar="MODEL", help="A run folder, a model file, or a bundled model."),
]
Inputs = Annotated[
    list[Path],
    typer.Argument(metavar="INPUT...", help="Scans or images, or folders (of folders) of them."),
]
Out = Annotated[Path, typer.Option("--out", "-o", help="A file, or a folder.")]
Confidence = Annotated[
    bool,
    typer.Option("--confidence", rich_help_panel="Scans", help="Add the probability of the class."),
]
Tta = Annotated[
    bool,
    typer.Option("--tta", help="Average over turned or mirrored views: better, and slower."),
]
Probabilities = Annotated[
    bool,
    typer.Option(
        "--probabilities", rich_help_panel="Volumes", help="Write those of every class too."
    ),
]
Compress = Annotated[
    bool,
    typer.Option(
        "--compress", rich_help_panel="Volumes", help="Probabilities as 255ths, compressed."
    ),
]
DicomSeg = Annotated[
    bool,
    typer.Option(
        "--dicom-seg",
        rich_help_panel="Volumes",
        help="DICOM series: write a DICOM segmentation beside each label map too.",
    ),
]
RtStruct = Annotated[
    bool,
    typer.Option(
        "--rtstruct",
        rich_help_panel="Volumes",
        help="DICOM series: write an RT structure set, as outlines, too.",
    ),
]
Roi = Annotated[
    str | None,
    typer.Option(
        metavar="X0:X1,Y0:Y1,Z0:Z1",
        rich_help_panel="Volumes",
        help="Segment this box of voxels alone, along the axes of the file.",
    ),
]
Fold = Annotated[
    list[int] | None,
    typer.Option(
        metavar="N",
        rich_help_panel="Volumes",
        help="Use this fold of a run alone; repeatable.",
    ),
]
Preview = Annotated[bool, typer.Option("--preview", help="Draw a PNG beside each output.")]
Radiological = Annotated[
    bool,
    typer.Option(
        "--radiological",
        rich_help_panel="Volumes",
        help="Previews with the patient's left on the right.",
    ),
]
Precision = Annotated[
    PrecisionName, typer.Option(rich_help_panel="Volumes", help="What networks compute in.")
]
Largest = Annotated[
    list[str] | None,
    typer.Option(
        metavar="CLASS",
        rich_help_panel="Volumes",
        help="Keep the largest component alone of this class; repeatable. "
        "The model's own choice if not given.",
    ),
]
NoLargest = Annotated[
    bool, typer.Option("--no-largest", rich_help_panel="Volumes", help="Keep all components.")
]
Noise = Annotated[
    bool,
    typer.Option(
        "--noise",
        rich_help_panel="Scans",
        help="Write noise below the ground as class 7, far above as 18.",
    ),
]
GroundOnly = Annotated[
    bool,
    typer.Option(
        "--ground-only", rich_help_panel="Scans", help="Write ground, and all else as class 1."
    ),
]
AllPoints = Annotated[
    bool,
    typer.Option(
        "--all-points",
        rich_help_panel="Scans",
        help="Segment withheld points and classes 7 and 18, too.",
    ),
]
Objects = Annotated[
    bool,
    typer.Option(
        "--objects", help="Tell the objects of things apart: an id each, and a table of them."
    ),
]
Diameter = Annotated[
    str | None,
    typer.Option(
        metavar="SIZE",
        rich_help_panel="Volumes",
        help="Images: across a typical object, in pixels, of volumes in mm, where that is not as "
        "in training; `auto` measures it, image by image.",
    ),
]
SkipExisting = Annotated[
    bool,
    typer.Option(
        "--skip-existing",
        rich_help_panel="Volumes",
        help="Leave out images whose outputs are there.",
    ),
]
Cluster = Annotated[
    str | None,
    typer.Option(
        "--cluster",
        metavar="ADDRESS",
        rich_help_panel="Scans",
        help="Have the workers of a dask scheduler segment; `local` starts some here.",
    ),
]


def predict(
    model: Segmenter,
    inputs: Inputs,
    out: Out,
    confidence: Confidence = False,
    tta: Tta = False,
    probabilities: Probabilities = False,
    compress: Compress = False,
    dicom_seg: DicomSeg = False,
    rtstruct: RtStruct = False,
    roi: Roi = None,
    fold: Fold = None,
    preview: Preview = False,
    radiological: Radiological = False,
    precision: Precision = PrecisionName.float32,
    columns: Columns = None,
    crs: Crs = None,
    units: Units = None,
    series: Series = None,
    largest: Largest = None,
    no_largest: NoLargest = False,
    noise: Noise = False,
    ground_only: GroundOnly = False,
    all_points: AllPoints = False,
    objects: Objects = False,
    diameter: Diameter = None,
    skip_existing: SkipExisting = False,
    overwrite: Overwrite = False,
    device: Device = DeviceName.auto,
    cluster: Cluster = None,
    keep: Keep = None,
    only: Only = None,
    write: Write = None,
    below: Below = None,
    aoi: Aoi = None,
) -> None:
    """Give every point of scans, or every voxel of volumes, a class.

    A labelled scan has its input's format, points and order; its labels are replaced or added.
    Points that a file withholds or calls noise (classes 7 and 18) keep theirs, and no other point
    sees them; nor does one see the noise found below the ground, which is never ground, or high
    above everything.
    A label map has its image's grid and place, and its name; files of folders within INPUT go to
    folders of the same names. Channels in files of their own are named `a_0000`, `a_0001`, ...
    Every fold of a run takes part, or those of `--fold`. Processors with bfloat16 instructions are
    two to four times as quick in it; about one voxel in 10,000 changes. A run that was stopped goes
    on with `--skip-existing`.

    `volseg models` lists the models that come with volseg.

    Example: `volseg predict aerial tiles/*.laz -o labelled`

    Example: `volseg predict aerial tiles/*.laz -o labelled --objects`

    Example: `volseg predict runs/oakland tiles/*.laz -o labelled --confidence`

    Example: `volseg predict aerial tiles/*.laz -o coded --keep 6,9 --write vegetation=3/4/5@0.5/2`

    Example: `volseg predict aerial tiles/*.laz -o labelled --cluster tcp://host:8786`

    Example: `volseg predict runs/nuclei images -o objects --diameter 46`

    Example: `volseg predict runs/hippocampus images -o labels --tta`

    Example: `volseg predict runs/liver ct.nii.gz -o labels --roi 40:300,:,10:90 --fold 0`
    """
    from volseg.errors import InputError
    from volseg.io.scans.crs import chosen
    from volseg.models.load import load_model
    from volseg.models.worker import connect
    from volseg.nn.allocator import keep_freed_memory
    from volseg.predict.scans.job import ScanOptions
    from volseg.predict.scans.model import ScanModel
    from volseg.predict.volumes.box import parse_box
    from volseg_cli.diameter import AUTO, with_diameter
    from volseg_cli.predict_scans import ScanBar, predict_scans
    from volseg_cli.predict_volumes import VolumeOptions, predict_volumes

    if radiological and not preview:
        raise InputError("--radiological turns pictures; give --preview with it")
    keep_freed_memory()
    # Where workers segment, this process needs no GPU.
    here = device.value if cluster is None else "cpu"
    segment = load_model(model, here, precision=precision.value, folds=fold or None)
    if isinstance(segment, ScanModel):
        refuse(
            "models of volumes", model,
            probabilities=probabilities, series=series, radiological=radiological,
            precision=precision is not PrecisionName.float32, largest=largest,
            no_largest=no_largest, skip_existing=skip_existing, compress=compress, roi=roi,
            fold=fold, dicom_seg=dicom_seg, rtstruct=rtstruct, diameter=diameter,
        )  # fmt: skip
        how = ScanOptions(
            tta=tta, confidence=confidence, crs=chosen(crs, units), columns=names_of(columns),
            mark_noise=noise, ground_only=ground_only, all_points=all_points, objects=objects,
            rules=rules_of(keep, only, write, below, aoi), overwrite=overwrite,
        )  # fmt: skip
        if ground_only and (only or write):
            raise InputError("--ground-only writes codes of its own; leave out --only and --write")
        bar = ScanBar()
        workers = cluster and connect(cluster, model, device=device.value, progress=bar)
        predict_scans(segment, inputs, out, how, bar, cluster=workers or None, preview=preview)
        return
    refuse(
        "models of scans", model,
        confidence=confidence, noise=noise, ground_only=ground_only, all_points=all_points,
        columns=columns, crs=crs, units=units, cluster=cluster,
        keep=keep, only=only, write=write, below=below, aoi=aoi,
    )  # fmt: skip
    if largest and no_largest:
        raise InputError("--largest and --no-largest exclude each other; name one")
    if skip_existing and overwrite:
        raise InputError("--skip-existing keeps what --overwrite replaces; name one")
    if compress and not probabilities:
        raise InputError("--compress goes with --probabilities; give both")
    options = VolumeOptions(
        tta=tta, largest=() if no_largest else tuple(largest) if largest else None, series=series,
        probabilities=probabilities, objects=objects, preview=preview, radiological=radiological,
        skip_existing=skip_existing, overwrite=overwrite, compress=compress,
        box=None if roi is None else parse_box(roi), dicom_seg=dicom_seg,
        rtstruct=rtstruct, estimate=diameter == AUTO,
    )  # fmt: skip
    if diameter is not None:
        if roi is not None:
            raise InputError("--roi and --diameter exclude each other; cut the image first")
        segment = with_diameter(segment, diameter)
    predict_volumes(segment, inputs, out, options)
