"""Label maps of several layers become one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest

from volseg.errors import InputError
from volseg.io import read_label_volume
from volseg.io.volumes.layers import flatten


def layers(*rows: list[int]) -> Any:
    return np.array(rows, np.uint8)[:, :, None, None]


@pytest.mark.parametrize(
    ("rows", "wanted"),
    [
        ([[0, 1, 1, 0], [0, 0, 1, 0]], [0, 1, 2, 0]),  # one within the other
        ([[0, 0, 1, 0], [0, 1, 1, 0]], [0, 2, 1, 0]),  # and the other way round
        ([[0, 255, 0, 0], [0, 0, 255, 0]], [0, 1, 2, 0]),
        ([[0, 4, 2, 0], [0, 9, 0, 9]], [0, 4, 2, 9]),  # values of their own are kept
        ([[1, 0, 0, 1], [0, 1, 0, 0], [0, 0, 1, 0]], [0, 1, 2, 0]),  # one-hot, background first
        ([[0, 1, 0, 1], [0, 0, 0, 0]], [0, 1, 0, 1]),
    ],
)
def test_layers_that_nothing_is_said_of(rows: Any, wanted: list[int]) -> None:
    assert flatten(layers(*rows))[0, :, 0, 0].tolist() == wanted


def test_layers_that_share_some_of_several_values_are_refused() -> None:
    with pytest.raises(InputError, match="holds 2 channels, a label map has one, or layers"):
        flatten(layers([0, 1, 2], [0, 2, 2]))


@pytest.mark.parametrize(
    ("segments", "wanted"),
    [
        (((0, 1), (1, 1), (0, 2)), [0, 1, 2, 3]),  # a value twice: numbers
        (((0, 5), (1, 7), (0, 9)), [0, 5, 7, 9]),
    ],
)
def test_segments_that_a_file_names(segments: Any, wanted: list[int]) -> None:
    cells = np.zeros((2, 4, 1, 1), np.int16)
    for where, (layer, value) in enumerate(segments, start=1):
        cells[layer, where] = value
    cells[0, 2] = segments[0][1]  # a larger one under the second layer
    assert flatten(cells, segments)[0, :, 0, 0].tolist() == wanted


def slicer(path: Path, cells: Any, kind: str, said: str) -> Path:
    """A file as 3D Slicer writes it."""
    sides = " ".join(map(str, cells.shape))
    head = (
        f"NRRD0004\ntype: unsigned char\ndimension: 4\nspace: left-posterior-superior\n"
        f"sizes: {sides}\nspace directions: none (1,0,0) (0,1,0) (0,0,2)\n"
        f"kinds: {kind} domain domain domain\nencoding: raw\nspace origin: (3,4,5)\n{said}\n"
    )
    path.write_bytes(head.encode() + cells.tobytes(order="F"))
    return path


@pytest.mark.parametrize("kind", ["list", "vector"])
def test_slicers_segmentations_are_read(tmp_path: Path, kind: str) -> None:
    pytest.importorskip("SimpleITK")
    cells = np.zeros((2, 4, 5, 6), np.uint8)
    cells[0, 1], cells[1, 2], cells[0, 3], cells[1, 1, 0] = 1, 1, 2, 1
    said = "".join(
        f"Segment{number}_LabelValue:={value}\nSegment{number}_Layer:={layer}\n"
        for number, (layer, value) in enumerate(((0, 1), (1, 1), (0, 2)))
    )
    wanted = np.zeros((4, 5, 6), np.uint8)
    wanted[1], wanted[2], wanted[3] = 1, 2, 3  # the first, which is smaller, over the second
    found = read_label_volume(slicer(tmp_path / "a.seg.nrrd", cells, kind, said))
    assert np.array_equal(found.array[0], wanted)
    assert found.affine.tolist() == [[-1, 0, 0, -3], [0, -1, 0, -4], [0, 0, 2, 5], [0, 0, 0, 1]]
    found = read_label_volume(slicer(tmp_path / "b.nrrd", cells % 2, kind, ""))
    assert np.array_equal(found.array[0], np.where(wanted == 3, 0, wanted))


def test_masks_in_the_fourth_axis_of_a_nifti_are_layers(tmp_path: Path) -> None:
    masks = np.zeros((3, 4, 5, 2), np.uint8)
    masks[1, ..., 0], masks[1, 0, :, 1] = 1, 1
    nib.save(nib.Nifti1Image(masks, np.eye(4)), tmp_path / "a.nii.gz")
    assert np.array_equal(read_label_volume(tmp_path / "a.nii.gz").array[0], masks.sum(axis=3))
