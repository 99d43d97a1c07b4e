"""Volumes: formats and datasets that were refused or half read, placed wrongly, or no labels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.testing as npt
from PIL import Image, ImageOps

from tests.faults.table import Check, Step, fault
from volseg.io import read_label_volume, read_volume, read_volume_header

SOUND = "no problem found"
SIDES = "28 x 32 x 20 voxels"


def labels(name: str, *ids: int) -> Check:
    """The label map of this name has these ids."""

    def check(out: Path, given: Path) -> None:
        assert np.unique(read_label_volume(out / name).array).tolist() == list(ids)

    return check


def spacing(name: str, *microns: float) -> Check:
    """The output of this name has this spacing."""

    def check(out: Path, given: Path) -> None:
        affine = read_volume_header(out / name).affine
        npt.assert_allclose(np.diag(affine)[:3] * 1e3, microns)

    return check


def channels(name: str, *names: str) -> Check:
    """The images of a case are on one grid, and so many."""

    def check(out: Path, given: Path) -> None:
        volume = read_volume([out / one for one in names])
        assert len(volume.array) == len(names), name

    return check


def as_shown(out: Path, given: Path) -> None:
    """Photographs are read as viewers show them."""
    for path in sorted((given / "images").iterdir()):
        with Image.open(path) as photograph:
            shown = np.asarray(ImageOps.exif_transpose(photograph).convert("RGB"))
        npt.assert_array_equal(read_volume(path).array[..., 0], np.moveaxis(shown, 2, 0))


def unmirrored(out: Path, given: Path) -> None:
    """The plan mirrors no axis along which classes lie left and right."""
    assert "mirror: []" in (out / "plan.yaml").read_text()


def repaired(says: str, code: int = 0) -> tuple[Step, ...]:
    """A copy of a dataset in which nothing is left to repair."""
    return (
        Step("check {input} --fix {out}/copy", (says, "--fix OUT", "with these changes"), code),
        Step("check {out}/copy", SOUND),
    )


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
        Step("check {input}", ("p3.png: is gray among colours", "1 warning")),
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
    fault("mri/base", Step("check {input}", SOUND)),
    fault(
        "mri/acdc_unit_sform",
        Step("info {input}/imagesTr/c0_0000.nii.gz", "1.316"),
        Step("predict {model} {input}/imagesTr -o {out}/labels", "the qform is taken"),
        *repaired("its sform has spacing 1 x 1 x 1, pixdim 1.316 x 1.316 x 10 mm"),
        spacing=(1.3, 1.3, 10.0),
    ),
    fault(
        "mri/sform_moved",
        Step("info {input}/imagesTr/c0_0000.nii.gz", "its sform and qform lie up to 11.6 voxels"),
        *repaired("the one that image and label share is taken"),
    ),
    fault("mri/leak", Step("check {input}", "10 cases of 5 persons, as their names tell")),
    fault(
        "mri/left_right",
        Step("plan {input} -o {out}/plan.yaml", then=unmirrored),
    ),
    fault(
        "mri/instances",
        Step("plan {input} -o {out}/plan.yaml", ("object by centre", "ceilings (PQ)")),
        *repaired("holds 40 ids: they number objects", 2),
    ),
    fault(
        "mri/jpeg_label",
        Step("plan {input} -o {out}/plan.yaml", ("a mask with soft edges", "--fix OUT"), 2),
        *repaired("most of them only along the edges of 0, 100 and 200", 2),
    ),
    fault(
        "mri/exif_jpeg",
        Step("check {input}", SOUND, then=as_shown),
        Step("predict {model} {input}/images -o {out}/labels", "p5.png"),
        channels=3,
        spacing=(1.0, 1.0, 1.0),
    ),
    fault(
        "mri/microns_as_mm",
        Step("check {input}", "its spacing is 250 x 250 x 1000 mm", 2),
        Step(
            "predict {model} {input}/imagesTr -o {out}/labels",
            "its spacing is 250 x 250 x 1000 mm and the model's 1 x 1 x 2", 2,
        ),
    ),
    fault(
        "mri/nan_outside",
        Step(
            "predict {model} {input}/imagesTr -o {out}/labels",
            "3,840 of 17,920 voxels are NaN or infinite; segmented as 0",
        ),
        *repaired("3,840 of 17,920 voxels NaN or infinite", 2),
    ),
    fault(
        "mri/two_channels",
        Step("check {input}", ("2 channels", SOUND)),
        Step(
            "predict {model} {input}/imagesTr -o {out}/labels",
            "its channels are _0000, _0001; the model wants _0000 alone", 2,
        ),
    ),
    fault("mri/one_case", Step("check {input}", "has 1 case, so that nothing can be held out", 2)),
    fault("mri/num_training", Step("check {input}", "says numTraining 100; 6 cases are there")),
)  # fmt: skip
