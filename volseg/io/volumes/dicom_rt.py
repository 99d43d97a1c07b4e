"""RT structure sets: label maps as outlines, which planning systems for radiotherapy read."""

from __future__ import annotations

import datetime as dt
import importlib
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from volseg._version import __version__
from volseg.errors import InputError
from volseg.geometry.colours import rgb
from volseg.geometry.labels import LabelClass
from volseg.io.atomic import replacing
from volseg.io.volumes.dicom_seg import high_dicom

STORAGE = "1.2.840.10008.5.1.4.1.1.481.3"
LITTLE_ENDIAN = "1.2.840.10008.1.2.1"
COPIED = (
    "PatientID", "PatientName", "PatientBirthDate", "PatientSex", "StudyInstanceUID", "StudyDate",
    "StudyTime", "StudyID", "AccessionNumber", "ReferringPhysicianName", "FrameOfReferenceUID",
)  # fmt: skip


def write_structures(
    path: Path,
    labels: NDArray[np.integer[Any]],
    classes: Sequence[LabelClass],
    files: Sequence[Path],
    *,
    overwrite: bool = False,
) -> None:
    """Write a label map as a structure set of a series, a structure a class.

    Outlines run along the edges of voxels. Those of holes lie within others: what an odd number of
    outlines is around is in the structure.

    Args:
        path: where to write, a ``.dcm``.
        labels: raw ids (X, Y, Z) on the grid of the series.
        classes: what becomes a structure each; not the background.
        files: the series, in order of position.
        overwrite: replace an existing file.

    Raises:
        InputError: if pydicom is missing, the series lacks what outlines refer to, or the target
            exists.
    """
    high_dicom()  # one extra has both
    pydicom = importlib.import_module("pydicom")
    source = [pydicom.dcmread(file, stop_before_pixels=True) for file in files]
    try:
        made = _structure_set(pydicom, labels, classes, source)
    except (AttributeError, KeyError) as error:
        raise InputError(
            f"the series cannot be referred to ({error}); wanted one as a scanner writes it",
            path=files[0],
        ) from None
    with replacing(path, overwrite=overwrite) as stream:
        made.save_as(stream, enforce_file_format=True)


def outlines(mask: NDArray[np.bool_]) -> list[NDArray[np.int64]]:
    """Closed ways along the edges of cells, corners (N, 2): cell (x, y) has those from (x, y) on.

    Example:
        >>> outlines(np.ones((1, 2), bool))[0].tolist()
        [[0, 0], [1, 0], [1, 2], [0, 2]]
    """
    around = np.pad(mask, 1)
    inside = around[1:-1, 1:-1]
    sides = (
        (around[1:-1, :-2], (0, 0), (1, 0)),
        (around[2:, 1:-1], (1, 0), (1, 1)),
        (around[1:-1, 2:], (1, 1), (0, 1)),
        (around[:-2, 1:-1], (0, 1), (0, 0)),
    )
    ways: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    for neighbour, start, end in sides:
        for x, y in np.argwhere(inside & ~neighbour).tolist():
            ways[x + start[0], y + start[1]].append((x + end[0], y + end[1]))
    found = []
    for first in sorted(ways):
        while ways[first]:
            way = [first]
            while not (len(way) > 1 and way[-1] == first):
                way.append(ways[way[-1]].pop())
            found.append(_corners(np.array(way[:-1])))
    return found


def _corners(way: NDArray[np.int64]) -> NDArray[np.int64]:
    """A closed way without what lies on a straight line between its neighbours."""
    turns = (way - np.roll(way, 1, axis=0) != np.roll(way, -1, axis=0) - way).any(axis=1)
    return np.asarray(way[turns])


def _structure_set(
    pydicom: Any, labels: NDArray[Any], classes: Sequence[LabelClass], source: Sequence[Any]
) -> Any:
    made, now = pydicom.Dataset(), dt.datetime.now()
    made.file_meta = pydicom.dataset.FileMetaDataset()
    made.file_meta.TransferSyntaxUID = LITTLE_ENDIAN
    for name in COPIED:
        setattr(made, name, source[0].get(name, ""))
    made.FrameOfReferenceUID = source[0].FrameOfReferenceUID
    made.SOPClassUID, made.SOPInstanceUID = STORAGE, pydicom.uid.generate_uid()
    made.SeriesInstanceUID, made.Modality = pydicom.uid.generate_uid(), "RTSTRUCT"
    made.Manufacturer, made.SoftwareVersions = "volseg", __version__
    made.StructureSetLabel, made.SeriesNumber, made.InstanceNumber = "volseg", 301, 1
    made.StructureSetDate, made.StructureSetTime = f"{now:%Y%m%d}", f"{now:%H%M%S}"
    made.ReferencedFrameOfReferenceSequence = [_reference(pydicom, source)]
    made.StructureSetROISequence, made.ROIContourSequence = [], []
    made.RTROIObservationsSequence = []
    for number, entry in enumerate(classes, start=1):
        roi, contours, observed = (pydicom.Dataset() for _ in range(3))
        roi.ROINumber, roi.ROIName = number, entry.name[:64]
        roi.ReferencedFrameOfReferenceUID = source[0].FrameOfReferenceUID
        roi.ROIGenerationAlgorithm = "AUTOMATIC"
        contours.ReferencedROINumber = number
        contours.ROIDisplayColor = list(rgb(entry.colour))
        contours.ContourSequence = _contours(pydicom, labels == entry.ids[0], source)
        observed.ObservationNumber = observed.ReferencedROINumber = number
        observed.RTROIInterpretedType = observed.ROIInterpreter = ""
        made.StructureSetROISequence.append(roi)
        made.ROIContourSequence.append(contours)
        made.RTROIObservationsSequence.append(observed)
    return made


def _contours(pydicom: Any, mask: NDArray[np.bool_], source: Sequence[Any]) -> list[Any]:
    found = []
    for z, image in enumerate(source):
        down, across = (float(step) for step in image.PixelSpacing)
        along = np.array(image.ImageOrientationPatient, float).reshape(2, 3)
        origin = np.array(image.ImagePositionPatient, float)
        for way in outlines(mask[:, :, z]):
            one = pydicom.Dataset()
            points = origin + (way - 0.5) * (across, down) @ along
            one.ContourGeometricType, one.NumberOfContourPoints = "CLOSED_PLANAR", len(points)
            one.ContourData = [f"{value:.3f}" for value in points.ravel()]
            one.ContourImageSequence = [_image(pydicom, image)]
            found.append(one)
    return found


def _reference(pydicom: Any, source: Sequence[Any]) -> Any:
    frame, study, series = (pydicom.Dataset() for _ in range(3))
    series.SeriesInstanceUID = source[0].SeriesInstanceUID
    series.ContourImageSequence = [_image(pydicom, image) for image in source]
    study.ReferencedSOPClassUID = "1.2.840.10008.3.1.2.3.1"
    study.ReferencedSOPInstanceUID = source[0].StudyInstanceUID
    study.RTReferencedSeriesSequence = [series]
    frame.FrameOfReferenceUID = source[0].FrameOfReferenceUID
    frame.RTReferencedStudySequence = [study]
    return frame


def _image(pydicom: Any, image: Any) -> Any:
    one = pydicom.Dataset()
    one.ReferencedSOPClassUID = image.SOPClassUID
    one.ReferencedSOPInstanceUID = image.SOPInstanceUID
    return one
