"""Label maps as segmentations of a DICOM series: ids, names, colours and places come back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from volseg.errors import InputError
from volseg.geometry.labels import LabelClass
from volseg.io import read_label_volume, read_volume, read_volume_header
from volseg.io.volumes.dicom import choose_series

pytest.importorskip("SimpleITK")
pytest.importorskip("highdicom")
pydicom = pytest.importorskip("pydicom")

from pydicom.dataset import FileMetaDataset  # noqa: E402
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid  # noqa: E402

from volseg.io.volumes.dicom_seg import write_segmentation  # noqa: E402

GRID = (6, 5, 4)
CLASSES = (LabelClass("left kidney", (7,), "#D55E00"), LabelClass("tumour", (2,), "#009E73"))


def series(folder: Path, **more: object) -> Path:
    """A CT of a few slices, as a scanner writes it."""
    folder.mkdir()
    study, uid, frame = (generate_uid() for _ in range(3))
    for z in range(GRID[2]):
        one = pydicom.Dataset()
        one.file_meta = FileMetaDataset()
        one.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        one.SOPClassUID, one.SOPInstanceUID = CTImageStorage, generate_uid()
        one.StudyInstanceUID, one.SeriesInstanceUID, one.FrameOfReferenceUID = study, uid, frame
        one.Modality, one.PatientID, one.PatientName = "CT", "p1", "A^B"
        one.PatientBirthDate = one.PatientSex = one.AccessionNumber = one.StudyID = ""
        one.StudyDate, one.StudyTime, one.ReferringPhysicianName = "20260101", "120000", ""
        one.Manufacturer, one.SeriesNumber, one.InstanceNumber = "none", 1, z + 1
        one.ImagePositionPatient = [10.5, -20.25, 30 + 2.5 * z]
        one.ImageOrientationPatient, one.PixelSpacing = [1, 0, 0, 0, 1, 0], [0.8, 0.7]
        one.SliceThickness = 2.5
        one.Rows, one.Columns, one.SamplesPerPixel = GRID[1], GRID[0], 1
        one.PhotometricInterpretation, one.PixelRepresentation = "MONOCHROME2", 1
        one.BitsAllocated = one.BitsStored = 16
        one.HighBit = 15
        one.PixelData = np.full((GRID[1], GRID[0]), z, np.int16).tobytes()
        for name, value in more.items():
            setattr(one, name, value)
        one.save_as(folder / f"{9 - z}.dcm", enforce_file_format=True)
    return folder


def labels() -> np.ndarray:
    array = np.zeros(GRID, np.uint8)
    array[1:3, 1:4, 1:] = 7
    array[4, 2, 1] = 2
    return array


def test_what_is_written_comes_back_in_its_place(tmp_path: Path) -> None:
    folder, out = series(tmp_path / "ct"), tmp_path / "out.dcm"
    write_segmentation(out, labels(), CLASSES, choose_series(folder).files)
    read = read_label_volume(out)
    np.testing.assert_array_equal(read.array[0], labels()[:, :, 1:])  # slices without are left out
    affine = read_volume(folder).affine
    affine[:3, 3] += affine[:3, 2]
    np.testing.assert_allclose(read.affine, affine, atol=1e-5)
    assert read_volume_header(out).grid == read.grid


def test_others_see_names_colours_patient_and_study(tmp_path: Path) -> None:
    folder, out = series(tmp_path / "ct"), tmp_path / "out.dcm"
    write_segmentation(out, labels(), CLASSES, choose_series(folder).files, by="volseg 1, model x")
    made, source = pydicom.dcmread(out), pydicom.dcmread(next(folder.iterdir()))
    assert made.Modality == "SEG"
    assert [one.SegmentLabel for one in made.SegmentSequence] == ["left kidney", "tumour"]
    assert made.SegmentSequence[0].SegmentationAlgorithmIdentificationSequence
    for name in ("PatientID", "StudyInstanceUID", "FrameOfReferenceUID"):
        assert made[name].value == source[name].value
    import highdicom

    lab = made.SegmentSequence[0].RecommendedDisplayCIELabValue
    shown = highdicom.color.CIELabColor.from_dicom_value(list(lab)).to_rgb()
    np.testing.assert_allclose(shown, (0xD5, 0x5E, 0x00), atol=2)


def test_segments_of_others_are_numbered(tmp_path: Path) -> None:
    folder, out = series(tmp_path / "ct"), tmp_path / "out.dcm"
    write_segmentation(out, labels(), CLASSES, choose_series(folder).files)
    made = pydicom.dcmread(out)
    del made.SegmentSequence[0].SegmentDescription
    made.save_as(tmp_path / "other.dcm")
    assert set(np.unique(read_label_volume(tmp_path / "other.dcm").array)) == {0, 1, 2}


def test_refusals(tmp_path: Path) -> None:
    folder, out = series(tmp_path / "ct"), tmp_path / "out.dcm"
    files = choose_series(folder).files
    with pytest.raises(InputError, match="no voxel is of a class"):
        write_segmentation(out, np.zeros(GRID, np.uint8), CLASSES, files)
    out.write_bytes(b"before")
    with pytest.raises(InputError, match="exists already"):
        write_segmentation(out, labels(), CLASSES, files)
    assert out.read_bytes() == b"before"
