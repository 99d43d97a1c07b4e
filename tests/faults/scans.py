"""Scans: headers, fields and texts that were refused, misread, or led to wrong classes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from tests.faults.table import Check, Step, fault
from volseg.io import read

PREDICT = "predict {scans} {input} -o {out}"
BY_AERIAL = "predict aerial {input} -o {out}"
LOW, RIGHT = 7, 0.9
SHOW = Step("info {input}", "6,000 points")
SEEN = 0.05  # of a picture's points, at least, that are not its background


def points(name: str, number: int = 6000) -> Check:
    """The output of this name has so many points, each with a class."""

    def check(out: Path, given: Path) -> None:
        cloud = read(out / name)
        assert len(cloud) == number
        assert cloud.labels is not None

    return check


def bytes_kept(name: str, *texts: bytes) -> Check:
    """The output of this name holds these bytes, as the input does."""

    def check(out: Path, given: Path) -> None:
        for text in texts:
            assert text in given.read_bytes()
            assert text in (out / name).read_bytes()

    return check


def as_labelled(out: Path, given: Path) -> None:
    """Classes are those of the truth, but for a few points, and noise keeps its own."""
    (file,) = out.glob("*.laz")
    found, truth = read(file).labels, read(given).labels
    assert found is not None
    assert truth is not None
    assert (found[truth == LOW] == LOW).all()
    assert (found == truth).mean() > RIGHT


def visible(out: Path, given: Path) -> None:
    """The picture shows more than its background and a legend."""
    with Image.open(out / "view.png") as picture:
        pixels = np.asarray(picture.convert("RGB"))[:, : picture.width * 3 // 4]
    assert (pixels != pixels[0, 0]).any(axis=2).mean() > SEEN


def shown_and_predicted(name: str, says: str = "", *, options: str = "") -> tuple[Step, ...]:
    """What `info` shows is segmented, every point of it."""
    return SHOW, Step(f"{PREDICT} {options}", says, then=points(name))


SCANS = (
    *(
        fault(f"lidar/{name}", Step("view {input} --screenshot {out}/view.png", then=visible))
        for name in ("outlier_high.las", "outlier_low.las", "zero_point.ply")
    ),
    *(
        fault(
            f"lidar/{name}",
            Step("info {input}", says),
            Step(PREDICT, "--crs", 2),
            Step(f"{PREDICT} --crs EPSG:25832", then=points(name)),
        )
        for name, says in (
            ("wkt_unbalanced.las", "cannot be understood"),
            ("epsg_not_existing.las", "EPSG:9999, which is no known CRS"),
        )
    ),
    *(
        fault(f"lidar/{name}", *shown_and_predicted(name, says))
        for name, says in (
            ("eb_no_name.las", "extra dimension 1 has no name and goes by 'extra_1'"),
            ("eb_same_name.las", "extra dimension 2 is named 'a' as another is"),
            ("eb_name_as_std.las", "goes by 'intensity_2'"),
            ("eb_with_spaces.las", ""),
            ("ouster_padding.pcd", ""),
            ("cc_nan_label.ply", ""),
            ("cc_half_label.ply", ""),
            ("list_in_vertex.ply", ""),
            ("header_227_as_13.las", "LAS 1.3 has a header of 235 bytes, this one 227"),
        )
    ),
    fault(
        "lidar/organised_nan.pcd",
        Step("info {input}", "30 points have no coordinates"),
        Step(PREDICT, "30 of 6,000 points have no coordinates"),
    ),
    *(
        fault(f"lidar/{name}", Step(command, f"the scale {value} for x", 2))
        for name, value in (("scale_zero.las", "0"), ("scale_nan.las", "NaN"))
        for command in ("info {input}", PREDICT)
    ),
    fault(
        "lidar/degrees_no_crs.las",
        Step("info {input}", "6,000 points"),
        Step(PREDICT, "lie as longitude and latitude in degrees do", 2),
    ),
    *(
        fault(f"lidar/{name}", SHOW, Step(PREDICT, then=bytes_kept(name, text)))
        for name, text in (("vlr_user_latin1.las", b"B\xe4ume"), ("eb_name_latin1.las", b"H\xf6he"))
    ),
    *(
        fault(
            f"lidar/{name}",
            Step("info {input}", ("x 500,000.015 500,039.997", "y 5,600,000.008 5,600,039.982")),
            Step(PREDICT, then=points(name)),
        )
        for name in ("pnezd.csv", "northing_first.csv", "enz_header.csv", "decimal_comma.txt")
    ),
    fault(
        "lidar/lat_lon.csv",
        Step("info {input}", ("6,000 points", "degrees")),
        Step(PREDICT, "reproject the scan", 2),
    ),
    fault(
        "lidar/nuscenes.pcd.bin",
        Step("info {input}", "6,000 points"),
        Step(PREDICT, then=points("nuscenes.pcd.bin")),
    ),
    fault("lidar/lownoise/clean.laz", Step(BY_AERIAL, then=as_labelled)),
    fault("lidar/lownoise/four_low.laz", Step(BY_AERIAL, then=as_labelled)),
)
