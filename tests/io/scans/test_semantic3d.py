from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from volseg.errors import InputError
from volseg.io import describe, read, read_labels, write
from volseg.io.scans.labels import true_labels

SCAN = "-12.345 6.7 0.125 -1400 67 70 66\n1 2 3 -900 255 0 12 \r\n4 5e2 6 0 1 2 3\n"
LABELS = "1\n0\n8\n"


def put(folder: Path, scan: str = SCAN, labels: str | None = LABELS) -> Path:
    (folder / "hall.txt").write_bytes(scan.encode())
    if labels is not None:
        (folder / "hall.labels").write_bytes(labels.encode())
    return folder / "hall.txt"


def test_columns_have_their_names_and_labels_lie_beside(tmp_path):
    path = put(tmp_path)
    cloud = read(path)
    assert cloud.xyz.tolist() == [[-12.345, 6.7, 0.125], [1, 2, 3], [4, 500, 6]]
    assert cloud.labels.tolist() == [1, 0, 8]
    assert cloud.label_field == "labels"
    assert cloud.attributes["intensity"].tolist() == [-1400, -900, 0]
    assert cloud.attributes["colour"].tolist() == [[67, 70, 66], [255, 0, 12], [1, 2, 3]]
    assert read(path, label_field="labels").labels.tolist() == [1, 0, 8]
    assert read_labels(tmp_path / "hall.labels")[0].tolist() == [1, 0, 8]
    assert describe(path).classes == {0: 1, 1: 1, 8: 1}


def test_an_unlabelled_scan_has_the_same_columns(tmp_path):
    cloud = read(put(tmp_path, labels=None))
    assert cloud.labels is None
    assert set(cloud.attributes) == {"intensity", "colour"}


@pytest.mark.parametrize(
    "scan",
    [
        "1 2 3 4 0 0 1\n5 6 7 8 0 1 0\n",  # whole normals
        "1 2 3 4 0.5 0.5 0.5\n",
        "1 2 3 4 70 70 300\n",
        "1 2 3 70 70 70\n",
        "x y z a b c d\n1 2 3 4 70 70 70\n",
    ],
)
def test_other_tables_keep_their_columns(tmp_path, scan):
    assert "colour" not in read(put(tmp_path, scan, None)).attributes


@pytest.mark.parametrize("labels", [LABELS, None])
def test_predictions_lie_beside_and_the_scan_stays(tmp_path, labels):
    source = put(tmp_path, labels=labels)
    confidence = np.array([0.5, 0.25, 1], dtype=np.float32)
    (tmp_path / "out").mkdir()
    target = tmp_path / "out/hall.txt"
    written = write(target, read(source).with_labels(np.array([3, 2, 1]), confidence), like=source)
    assert [path.name for path in written] == ["hall.txt", "hall.labels", "hall.confidence"]
    assert target.read_bytes() == source.read_bytes()
    assert written[1].read_text() == "3\n2\n1\n"
    assert written[2].read_text() == "0.5\n0.25\n1.0\n"
    assert read(target).labels.tolist() == [3, 2, 1]
    with pytest.raises(InputError, match="exists"):
        write(target, read(source), like=source)


def test_a_text_of_another_suffix_takes_the_labels_in(tmp_path):
    source = put(tmp_path)
    write(tmp_path / "a.xyz", read(source), like=source)
    back = read(tmp_path / "a.xyz")
    assert back.labels.tolist() == [1, 0, 8]
    assert back.attributes["colour"].tolist() == [[67, 70, 66], [255, 0, 12], [1, 2, 3]]


@given(
    labels=st.lists(st.integers(-(2**62), 2**62), min_size=1, max_size=9),
    xyz=st.tuples(*[st.floats(-1e9, 1e9)] * 3),
)
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_labels_and_coordinates_come_back(tmp_path, labels, xyz):
    row = " ".join(map(repr, xyz)) + " 7 200 100 50\n"
    source = put(tmp_path, row * len(labels), "9\n" * len(labels))
    copy = tmp_path / "copy.txt"
    write(copy, read(source).with_labels(np.array(labels)), like=source, overwrite=True)
    assert read(copy).labels.tolist() == labels
    assert np.array_equal(read(copy).xyz, [xyz] * len(labels))


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        ("1\n0\n", r"hall\.labels has 2 labels for the 3 points"),
        ("1\n0\n8\n8\n", r"hall\.labels has 4 labels for the 3 points"),
        ("", r"hall\.labels has 0 labels for the 3 points"),
        ("1\nx\n8\n", r"hall\.labels holds lines that are not one class id each"),
        ("1\n0.5\n8\n", r"hall\.labels holds lines that are not one class id each"),
        ("1\n99999999999999999999\n8\n", r"hall\.labels holds lines that are not"),
    ],
)
def test_damaged_labels_are_one_clear_line(tmp_path, labels, words):
    with pytest.raises(InputError, match=words) as caught:
        true_labels(read(put(tmp_path, labels=labels)))
    assert "\n" not in str(caught.value)


def test_labels_that_are_wanted_and_missing_are_named(tmp_path):
    with pytest.raises(InputError, match=r"no field 'labels': .*hall\.labels does not exist"):
        read(put(tmp_path, labels=None), label_field="labels")


@pytest.mark.parametrize(
    ("scan", "words"), [("", "holds no points"), (SCAN + "1 2\n", "line 4 is '1 2'")],
)  # fmt: skip
def test_damaged_scans_are_one_clear_line(tmp_path, scan, words):
    with pytest.raises(InputError, match=words):
        read(put(tmp_path, scan))
