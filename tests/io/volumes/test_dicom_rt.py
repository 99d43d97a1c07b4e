"""Label maps as RT structure sets: what odd numbers of outlines are around is the structure."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from volseg.errors import InputError
from volseg.io.volumes.dicom_rt import outlines, write_structures


def filled(ways: list[np.ndarray], shape: tuple[int, int]) -> np.ndarray:
    """Cells whose centre an odd number of outlines is around: left of it edges run along y."""
    crossed = np.zeros((shape[0] + 1, shape[1]), bool)
    for way in ways:
        for (x, y), (end_x, end_y) in zip(way, np.roll(way, -1, axis=0), strict=True):
            if x == end_x:
                crossed[x, min(y, end_y) : max(y, end_y)] ^= True
    return np.logical_xor.accumulate(crossed, axis=0)[:-1]


@given(st.integers(1, 7), st.integers(1, 7), st.randoms(use_true_random=False))
def test_outlines_filled_are_the_mask(x: int, y: int, random: object) -> None:
    mask = np.array([[random.random() < 0.5 for _ in range(y)] for _ in range(x)])
    ways = outlines(mask)
    np.testing.assert_array_equal(filled(ways, mask.shape), mask)
    assert all(len(way) >= 4 for way in ways)


def test_structures_lie_where_the_voxels_are(tmp_path: Path) -> None:
    pydicom = pytest.importorskip("pydicom")
    pytest.importorskip("highdicom")
    from tests.io.volumes.test_dicom_seg import CLASSES, GRID, labels, series
    from volseg.io.volumes.dicom import choose_series

    files, out = choose_series(series(tmp_path / "ct")).files, tmp_path / "out.dcm"
    write_structures(out, labels(), CLASSES, files)
    made = pydicom.dcmread(out)
    assert (made.Modality, made.PatientID) == ("RTSTRUCT", "p1")
    assert [roi.ROIName for roi in made.StructureSetROISequence] == ["left kidney", "tumour"]
    assert list(made.ROIContourSequence[0].ROIDisplayColor) == [0xD5, 0x5E, 0]
    for entry, roi in zip(CLASSES, made.ROIContourSequence, strict=True):
        back = np.zeros(GRID, bool)
        for contour in roi.ContourSequence:
            points = np.array(contour.ContourData, float).reshape(-1, 3)
            places = (points - (10.5, -20.25, 30)) / (0.7, 0.8, 2.5) + (0.5, 0.5, 0)
            corners = np.rint(places).astype(int)
            np.testing.assert_allclose(places, corners, atol=0.01)
            back[..., corners[0, 2]] ^= filled([corners[:, :2]], GRID[:2])
        np.testing.assert_array_equal(back, labels() == entry.ids[0])
    with pytest.raises(InputError, match="exists already"):
        write_structures(out, labels(), CLASSES, files)
