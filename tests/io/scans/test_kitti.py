from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from volseg.errors import InputError
from volseg.geometry import PointCloud
from volseg.io import read, read_labels, write
from volseg.io.scans.labels import true_labels


def scan(folder: Path, count: int = 100, labels: Path | None = None) -> Path:
    generator = np.random.default_rng(0)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "000000.bin"
    path.write_bytes(generator.normal(size=(count, 4)).astype("<f4").tobytes())
    if labels is not None:
        labels.parent.mkdir(parents=True, exist_ok=True)
        both = generator.integers(0, 2**32, count, dtype=np.uint32)
        labels.write_bytes(both.astype("<u4").tobytes())
    return path


def test_points_and_labels_beside_or_in_the_sibling_folder(tmp_path):
    beside = scan(tmp_path / "a", labels=tmp_path / "a/000000.label")
    sibling = scan(tmp_path / "b/velodyne", labels=tmp_path / "b/labels/000000.label")
    raw = np.fromfile(beside, "<f4").reshape(-1, 4)
    both = np.fromfile(tmp_path / "a/000000.label", "<u4")
    for path in (beside, sibling):
        cloud = read(path)
        assert np.array_equal(cloud.xyz, raw[:, :3].astype(np.float64))
        assert np.array_equal(cloud.attributes["intensity"], raw[:, 3])
        assert np.array_equal(cloud.labels, both & 0xFFFF)
        assert np.array_equal(cloud.attributes["instance"], both >> 16)
    labels, count = read_labels(tmp_path / "a/000000.label")
    assert count == 100
    assert np.array_equal(labels, both & 0xFFFF)


def test_a_scan_without_labels(tmp_path):
    path = scan(tmp_path)
    assert read(path).labels is None
    with pytest.raises(InputError, match=r"000000\.label does not exist"):
        read(path, label_field="label")


def test_copy_keeps_the_scan_and_the_instances(tmp_path):
    source = scan(tmp_path / "velodyne", labels=tmp_path / "labels/000000.label")
    old = np.fromfile(tmp_path / "labels/000000.label", "<u4")
    new = np.arange(100) * 600
    target = tmp_path / "out.bin"
    confidence = np.linspace(0, 1, 100, dtype=np.float32)
    written = write(target, read(source).with_labels(new, confidence), like=source)
    assert written == [target, tmp_path / "out.label", tmp_path / "out.confidence"]
    assert target.read_bytes() == source.read_bytes()
    both = np.fromfile(written[1], "<u4")
    assert np.array_equal(both & 0xFFFF, new)
    assert np.array_equal(both >> 16, old >> 16)
    assert np.array_equal(np.fromfile(written[2], "<f4"), confidence)


def test_new_scan_gives_back_what_was_written(tmp_path):
    xyz = np.random.default_rng(0).normal(size=(50, 3)).astype(np.float32).astype(np.float64)
    write(tmp_path / "new.bin", PointCloud(xyz, {"intensity": np.arange(50)}, np.arange(50)))
    back = read(tmp_path / "new.bin")
    assert np.array_equal(back.xyz, xyz)
    assert np.array_equal(back.labels, np.arange(50))
    assert np.array_equal(back.attributes["intensity"], np.arange(50))


def test_nothing_is_written_if_any_file_is_there(tmp_path):
    (tmp_path / "new.label").write_bytes(b"old")
    with pytest.raises(InputError, match=r"new\.label: exists"):
        write(tmp_path / "new.bin", PointCloud(np.zeros((1, 3)), labels=np.zeros(1)))
    assert not (tmp_path / "new.bin").exists()


@pytest.mark.parametrize(
    ("cloud", "words"),
    [
        (PointCloud(np.full((1, 3), 654321.123)), "32-bit.*ply"),
        (PointCloud(np.zeros((1, 3)), labels=np.array([65536])), "65536"),
        (PointCloud(np.zeros((1, 3)), labels=np.array([-1])), "-1"),
        (PointCloud(np.zeros((1, 3)), {"instance": np.array([70000])}, np.zeros(1)), "instance"),
    ],
)
def test_what_the_format_cannot_hold_is_refused(tmp_path, cloud, words):
    with pytest.raises(InputError, match=words):
        write(tmp_path / "new.bin", cloud)
    assert list(tmp_path.iterdir()) == []


def test_damaged_files_are_refused(tmp_path):
    path = scan(tmp_path, labels=tmp_path / "000000.label")
    labels = tmp_path / "000000.label"
    labels.write_bytes(labels.read_bytes()[:-4])
    for damaged, said in ((labels.read_bytes(), "99 labels.*100 points"), (b"abc", "of 4")):
        labels.write_bytes(damaged)
        for refusing in (lambda: true_labels(read(path)), lambda: read(path, label_field="label")):
            with pytest.raises(InputError, match=rf"000000\.label .*{said}"):
                refusing()
    labels.unlink()
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(InputError, match="multiple of 16"):
        read(path)
