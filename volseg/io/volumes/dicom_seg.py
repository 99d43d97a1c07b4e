"""DICOM segmentations: label maps that a PACS keeps beside their series, by highdicom."""

from __future__ import annotations

import importlib
import re
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from volseg._version import __version__
from volseg.errors import InputError
from volseg.geometry.colours import rgb
from volseg.geometry.labels import LabelClass
from volseg.geometry.volume import Volume
from volseg.io.atomic import replacing
from volseg.io.volumes.codec import Stored, VolumeHeader
from volseg.io.volumes.itk import TO_RAS

NAMED = re.compile(r"volseg id (\d{1,9})")
"""What the description of a segment says of its id in label maps; its number is 1, 2, ..."""
SERIES_NUMBER = 300
"""That of our series in a study: above those of scanners."""


def high_dicom() -> Any:
    """The module highdicom.

    Raises:
        InputError: if it is not installed.
    """
    try:
        return importlib.import_module("highdicom")
    except ImportError:
        raise InputError(
            'needs highdicom, which is not installed; pip install "volseg[medical]"'
        ) from None


def write_segmentation(
    path: Path,
    labels: NDArray[np.integer[Any]],
    classes: Sequence[LabelClass],
    files: Sequence[Path],
    *,
    by: str = "volseg",
    overwrite: bool = False,
) -> None:
    """Write a label map as a segmentation of a series, with the names and colours of classes.

    Patient, study and frame of reference are the series'. Slices without a segment are left out.

    Args:
        path: where to write, a ``.dcm``.
        labels: raw ids (X, Y, Z) on the grid of the series.
        classes: what becomes a segment each; not the background. A voxel is of the class whose
            first id it has.
        files: the series, in order of position.
        by: what gave the labels.
        overwrite: replace an existing file.

    Raises:
        InputError: if highdicom is missing, no voxel is of a class, the series lacks what a
            segmentation refers to, or the target exists.
    """
    hd, pydicom = high_dicom(), importlib.import_module("pydicom")
    numbers = np.zeros(labels.shape, np.uint8 if len(classes) < 256 else np.uint16)
    for number, entry in enumerate(classes, start=1):
        numbers[labels == entry.ids[0]] = number
    if not numbers.any():
        raise InputError("no voxel is of a class; a segmentation without a segment is none")
    source = [pydicom.dcmread(file, stop_before_pixels=True) for file in files]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what others wrote into headers
        try:
            made = hd.seg.Segmentation(
                source_images=source,
                pixel_array=np.ascontiguousarray(numbers.transpose(2, 1, 0)),
                segmentation_type=hd.seg.SegmentationTypeValues.BINARY,
                segment_descriptions=[_described(k, one, by) for k, one in enumerate(classes, 1)],
                series_instance_uid=hd.UID(),
                series_number=SERIES_NUMBER,
                sop_instance_uid=hd.UID(),
                instance_number=1,
                manufacturer="volseg",
                manufacturer_model_name="volseg",
                software_versions=__version__,
                device_serial_number="0",
            )
        except (AttributeError, ValueError, KeyError) as error:
            line = " ".join(str(error).split())[:160]
            raise InputError(
                f"the series cannot be referred to ({line}); wanted one as a scanner writes it",
                path=files[0],
            ) from None
        made.SeriesDescription = f"volseg: {', '.join(one.name for one in classes)}"[:64]
        for segment, entry in zip(made.SegmentSequence, classes, strict=True):
            segment.SegmentDescription = f"volseg id {entry.ids[0]}"
        with replacing(path, overwrite=overwrite) as stream:
            made.save_as(stream)


def _described(number: int, entry: LabelClass, by: str) -> Any:
    hd = high_dicom()
    codes = importlib.import_module("pydicom.sr.codedict").codes
    return hd.seg.SegmentDescription(
        segment_number=number,
        segment_label=entry.name[:64],
        segmented_property_category=codes.SCT.AnatomicalStructure,
        segmented_property_type=codes.SCT.AnatomicalStructure,
        algorithm_type=hd.seg.SegmentAlgorithmTypeValues.AUTOMATIC,
        algorithm_identification=hd.AlgorithmIdentificationSequence(
            name=by[:64], version=__version__, family=codes.DCM.ArtificialIntelligence
        ),
        display_color=hd.color.CIELabColor.from_rgb(*rgb(entry.colour)),
    )


def read_segmentation_header(path: Path) -> VolumeHeader:
    """See `volseg.io.volumes.files.read_volume_header`."""
    stored = read_segmentation(path).volume
    return VolumeHeader(stored.grid, 1, stored.affine, stored.array.dtype)


def read_segmentation(path: Path) -> Stored:
    """The segments as ids: those they had in the label map that volseg wrote, else their numbers.

    The grid reaches from the first slice with a segment to the last.

    Raises:
        InputError: if it is no binary segmentation on a grid, or segments overlap.
    """
    hd = high_dicom()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            segmentation = hd.seg.segread(path)
            volume = segmentation.get_volume(combine_segments=True)
        except (AttributeError, ValueError, KeyError, RuntimeError, TypeError) as error:
            line = " ".join(str(error).split())[:160]
            raise InputError(
                f"is no segmentation that one label map can hold ({line}); export it anew"
            ) from None
    described = [str(one.get("SegmentDescription", "")) for one in segmentation.SegmentSequence]
    named = [NAMED.fullmatch(text) for text in described]
    ids = [
        int(match[1]) if match is not None and all(named) else int(segment.SegmentNumber)
        for match, segment in zip(named, segmentation.SegmentSequence, strict=True)
    ]
    table = np.zeros(1 + max(int(one.SegmentNumber) for one in segmentation.SegmentSequence), int)
    for segment, ident in zip(segmentation.SegmentSequence, ids, strict=True):
        table[int(segment.SegmentNumber)] = ident
    array = table.astype(np.min_scalar_type(int(table.max())))[volume.array].transpose(2, 1, 0)
    affine = np.asarray(volume.affine, np.float64)[:, [2, 1, 0, 3]]
    if np.linalg.det(affine[:3, :3]) < 0:  # slices run as in a series, along where they look
        affine[:3, 3] += affine[:3, 2] * (array.shape[2] - 1)
        affine[:3, 2] *= -1
        array = array[:, :, ::-1]
    return Stored(Volume(array[None], TO_RAS @ affine))
