"""COCO's panoptic format: classes and objects come back, as COCO's own tools would read them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image

from volseg.errors import InputError
from volseg.io.volumes.coco import (
    Category,
    CocoPanoptic,
    is_panoptic,
    panoptic_json,
    read_panoptic,
    read_segments,
    write_segments,
)
from volseg.io.volumes.files import read_label_volume

CELL, TISSUE = Category(7, "cell", True), Category(300, "tissue", False)
FRESH = settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])


def write(folder: Path, classes: np.ndarray, objects: np.ndarray) -> Path:
    """A PNG, and the JSON that says what is in it."""
    png = folder / "truth" / "a.png"
    png.parent.mkdir(exist_ok=True)
    segments = write_segments(png, classes, objects, [CELL.id], overwrite=True)
    content = CocoPanoptic((CELL, TISSUE), {"a.png": segments}, {"a.png": "a.jpg"})
    content.write(folder / "truth.json", overwrite=True)
    return png


@FRESH
@given(
    classes=hnp.arrays(np.int32, (5, 7, 1), elements=st.sampled_from([0, 7, 300])),
    ids=hnp.arrays(np.int32, (5, 7, 1), elements=st.sampled_from([0, 1, 2, 70_000, 2**31 - 1])),
)
def test_what_is_written_is_read(tmp_path: Path, classes: np.ndarray, ids: np.ndarray) -> None:
    png = write(tmp_path, classes, ids)
    own, objects = read_segments(png)
    thing = (classes == CELL.id) & (ids > 0)
    assert np.array_equal(own, np.where((classes == CELL.id) & ~thing, 0, classes))
    pairs = set(zip(ids[thing].tolist(), objects[thing].tolist(), strict=True))
    assert len(pairs) == len({a for a, _ in pairs}) == len({b for _, b in pairs})
    assert np.array_equal(objects > 0, thing)
    assert np.array_equal(read_label_volume(png).array[0], own)


@FRESH
@given(classes=hnp.arrays(np.int32, (6, 4, 1), elements=st.sampled_from([0, 7, 300])))
def test_the_json_says_what_the_png_holds(tmp_path: Path, classes: np.ndarray) -> None:
    png = write(tmp_path, classes, np.arange(24, dtype=np.int32).reshape(6, 4, 1) // 5)
    pixels = np.asarray(Image.open(png)).astype(int) @ [1, 256, 65536]
    segments = json.loads((tmp_path / "truth.json").read_text())["annotations"][0]["segments_info"]
    assert {one["id"] for one in segments} == set(np.unique(pixels)) - {0}
    for one in segments:
        inside = pixels == one["id"]
        left, top, wide, high = one["bbox"]
        rows, columns = np.nonzero(inside)
        assert one["area"] == inside.sum()
        assert (top, top + high - 1) == (rows.min(), rows.max())
        assert (left, left + wide - 1) == (columns.min(), columns.max())


def test_numbers_above_a_byte_are_counted_in_the_green(tmp_path: Path) -> None:
    ids = np.arange(1, 601).reshape(20, 30, 1)
    png = write(tmp_path, np.full_like(ids, CELL.id), ids)
    pixels = np.asarray(Image.open(png))
    assert np.array_equal(pixels[..., 0] + 256 * pixels[..., 1].astype(int), ids[..., 0])
    assert np.array_equal(read_segments(png)[1], ids)


def test_a_crowd_is_a_class_whose_objects_nobody_knows(tmp_path: Path) -> None:
    png = write(tmp_path, np.full((2, 2, 1), CELL.id), np.array([[1, 1], [2, 2]])[..., None])
    path = tmp_path / "truth.json"
    content = json.loads(path.read_text())
    content["annotations"][0]["segments_info"][1]["iscrowd"] = 1
    path.write_text(json.dumps(content) + " ")
    classes, objects = read_segments(png)
    assert (classes == CELL.id).all()
    assert objects[..., 0].tolist() == [[1, 1], [0, 0]]


def test_other_files_are_none(tmp_path: Path) -> None:
    png = tmp_path / "labels" / "a.png"
    for text in ("{}", "[]", "{", '{"annotations": [{"bbox": []}]}'):
        (tmp_path / "labels.json").write_text(text)
        assert not is_panoptic(tmp_path / "labels.json")
        assert panoptic_json(png) is None
    with pytest.raises(InputError, match="no JSON of segments"):
        read_segments(png)


def test_errors_name_the_file_and_what_is_wrong(tmp_path: Path) -> None:
    png = write(tmp_path, np.full((2, 2, 1), CELL.id), np.ones((2, 2, 1), int))
    Image.fromarray(np.full((2, 2, 3), 9, np.uint8)).save(png)
    with pytest.raises(InputError, match=r"a\.png: holds segment 592137, which .*truth\.json"):
        read_segments(png)
    CocoPanoptic((Category(0, "x", True),), {"a.png": []}, {"a.png": "a.jpg"}).write(
        tmp_path / "truth.json", overwrite=True
    )
    with pytest.raises(InputError, match="category 0; wanted ids from 1 on"):
        read_panoptic(tmp_path / "truth.json")
    with pytest.raises(InputError, match="holds one slice, the labels 3"):
        write_segments(png, np.zeros((2, 2, 3), int), np.zeros((2, 2, 3), int), [])


def test_the_json_of_the_current_folder_lies_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    png = write(tmp_path, np.full((2, 2, 1), 7), np.ones((2, 2, 1), np.int32))
    monkeypatch.chdir(png.parent)
    assert panoptic_json(Path(png.name)) == tmp_path / "truth.json"
    assert panoptic_json(Path("a.nii")) is None
