"""Volumes: formats and datasets that were refused or half read, placed wrongly, or no labels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.testing as npt

from tests.faults.table import Check, Step, fault
from volseg.io import read_label_volume, read_volume, read_volume_header

SOUND = "no problem found"
SIDES = "28 x 32 x 20 voxels"


def labels(name: str, *ids: int) -> Check:
    """The label map of this name has these ids."""

    def check(out: Path) -> None:
        assert np.unique(read_label_volume(out / name).array).tolist() == list(ids)

    return check


def spacing(name: str, *microns: float) -> Check:
    """The output of this name has this spacing."""

    def check(out: Path) -> None:
        affine = read_volume_header(out / name).affine
        npt.assert_allclose(np.diag(affine)[:3] * 1e3, microns)

    return check


def channels(name: str, *names: str) -> Check:
    """The images of a case are on one grid, and so many."""

    def check(out: Path) -> None:
        volume = read_volume([out / one for one in names])
        assert len(volume.array) == len(names), name

    return check


VOLUMES = (
    fault(
        "mri/imagej_hyperstack",
        Step("info {input}/images/s0.tif", ("48 x 64 x 10 voxels", "0.1 x 0.1 x 1 \u00b5m")),
        Step("check {input}", ("2 channels, spacing 0.0001 x 0.0001 x 0.001", SOUND)),
        Step("plan {input} -o {out}/plan.yaml", "3-D"),
        Step(
            "predict {model} {input}/images/s0.tif -o {out}/labels",
            then=spacing("labels/s0.tif", 0.1, 0.1, 1.0),
        ),
        channels=2,
        spacing=(1e-4, 1e-4, 1e-3),
    ),
    fault(
        "mri/two_channel_tiff",
        Step("info {input}/images/p0.tif", "96 x 128 x 1 voxels, uint8"),
        Step("check {input}", ("2 channels", SOUND)),
        Step("predict {model} {input}/images -o {out}/labels", then=labels("labels/p0.tif", 0)),
        channels=2,
        spacing=(1.0, 1.0, 1.0),
    ),
    fault(
        "mri/ome_channels",
        Step("info {input}/images/p0.ome.tif", ("96 x 128 x 1 voxels", "0.3 x 0.3 x 0.3 \u00b5m")),
        Step("check {input}", ("3 channels, spacing 0.0003 x 0.0003", SOUND)),
        Step(
            "predict {model} {input}/images -o {out}/labels",
            then=spacing("labels/p0.ome.tif", 0.3, 0.3, 0.3),
        ),
        channels=3,
        spacing=(3e-4, 3e-4, 3e-4),
    ),
    fault(
        "mri/gray_and_rgb",
        Step("check {input}", ("p3.png: is gray among colours: read as three", "1 warning")),
        Step("plan {input} -o {out}/plan.yaml", "channel_2"),
        Step("predict {model} {input}/images -o {out}/labels", "p3.png"),
        channels=3,
        spacing=(1.0, 1.0, 1.0),
    ),
    fault(
        "mri/rgb_label",
        Step("plan {input} -o {out}/plan.yaml", ("of 3 colours", "--fix OUT"), 2),
        Step("check {input}", ("holds 3 colours (black, blue, red), no ids", "--fix OUT"), 2),
        Step(
            "check {input} --fix {out}/copy", "made ids", 2,
            then=labels("copy/labelsTr/p0.png", 0, 1, 2),
        ),
        Step("check {out}/copy", SOUND),
    ),
    fault(
        "mri/seg_nrrd_layers",
        Step("info {input}/labels/c0.nrrd", (SIDES, "2 173")),
        Step("check {input}", SOUND),
        needs="SimpleITK",
    ),
    fault(
        "mri/hdr_img",
        Step("info {input}/imagesTr/c0_0000.hdr", SIDES),
        Step("check {input} --fix {out}/copy", SOUND),
        Step("check {out}/copy", SOUND),
        Step("predict {model} {input}/imagesTr -o {out}/labels", then=labels("labels/c0.nii", 0)),
    ),
    fault(
        "mri/bids",
        Step("check {input}", SOUND),
        Step("check {input} --fix {out}/copy", SOUND),
        Step("check {out}/copy", SOUND),
        Step("predict {model} {input} -o {out}/labels", "6 volumes in folders of labels are left"),
        Step("evaluate {out}/labels {input}", ("class_1 6", "class_2 6")),
    ),
    fault(
        "mri/totalsegmentator",
        Step("check {input}", SOUND),
        Step("plan {input} -o {out}/plan.yaml", ("6 (TotalSegmentator)", "core", "shell")),
        Step(
            "check {input} --fix {out}/copy", SOUND,
            then=labels("copy/labelsTr/s0000.nii.gz", 0, 1, 2),
        ),
        Step("check {out}/copy", SOUND),
        Step("predict {model} {input} -o {out}/labels", "12 volumes in folders of labels are left"),
        Step("evaluate {out}/labels {input}", ("core 6", "shell 6")),
    ),
    *(
        fault(
            f"mri/{name}",
            Step("info {input}/images/d0", SIDES),
            Step("check {input}", SOUND),
                Step(
                "predict {model} {input}/images -o {out}/labels",
                then=labels("labels/d0.nii.gz", 0),
            ),
            needs="SimpleITK",
        )
        for name in ("dicom_nested", "dicom_mixed")
    ),
    fault(
        "mri/channels_differ",
        Step("plan {input} -o {out}/plan.yaml", ("differs", "--fix OUT"), 2),
        Step("check {input}", ("c0_0001.nii.gz: lies on another grid", "--fix OUT"), 2),
        Step(
            "check {input} --fix {out}/copy", "c0_0001.nii.gz: resampled", 2,
            then=channels("c0", "copy/imagesTr/c0_0000.nii.gz", "copy/imagesTr/c0_0001.nii"),
        ),
        Step("check {out}/copy", SOUND),
    ),
    fault(
        "mri/colin_labels",
        Step("plan {input} -o {out}/plan.yaml", ("0.9882", "--fix OUT"), 2),
        Step("check {input}", ("holds fractions near whole numbers", "--fix OUT"), 2),
        Step(
            "check {input} --fix {out}/copy", "rounded", 2,
            then=labels("copy/labelsTr/c0.nii.gz", 0, 1, 2),
        ),
        Step("check {out}/copy", SOUND),
    ),
)  # fmt: skip
