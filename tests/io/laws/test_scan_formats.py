"""What holds for scans of every format."""

from __future__ import annotations

import numpy as np
import pytest

from volseg.errors import InputError
from volseg.geometry import PointCloud
from volseg.io import read, read_labels, write
from volseg.io.scans.formats import SCAN_FORMATS

# Of the kinds volseg writes that are a file, not a folder.
SUFFIXES = [
    suffix
    for kind in SCAN_FORMATS
    for suffix in kind.suffixes
    if kind.copies is None and "/" not in suffix
]


def cloud(count: int = 30) -> PointCloud:
    generator = np.random.default_rng(0)
    xyz = np.round(generator.uniform(-100, 100, (count, 3)) * 1024) / 1024
    return PointCloud(xyz, {"intensity": np.arange(count)}, np.arange(count) % 7)


@pytest.mark.parametrize("target", SUFFIXES)
@pytest.mark.parametrize("source", SUFFIXES)
def test_labels_survive_every_change_of_format(tmp_path, source, target):
    first, second = tmp_path / f"a{source}", tmp_path / f"b{target}"
    write(first, cloud())
    before = read(first)
    assert np.array_equal(before.labels, cloud().labels)
    labels = before.labels[::-1].copy()
    write(second, before.with_labels(labels, np.full(30, 0.5)), like=first)
    after = read(second)
    assert np.array_equal(after.labels, labels)
    assert np.abs(after.xyz - before.xyz).max() < 0.00051
    assert np.array_equal(read_labels(second)[0], labels)
    assert sorted(tmp_path.iterdir()) == sorted({first, second, *tmp_path.glob("[ab].*")})


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_the_source_may_be_replaced_by_its_copy(tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    write(path, cloud())
    labels = (cloud().labels + 1) % 7
    with pytest.raises(InputError, match="exists"):
        write(path, cloud().with_labels(labels), like=path)
    write(path, cloud().with_labels(labels), like=path, overwrite=True)
    assert np.array_equal(read(path).labels, labels)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_other_number_of_points_is_refused_and_nothing_written(tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    write(path, cloud())
    with pytest.raises(InputError, match=r"30 points.*29") as caught:
        write(tmp_path / f"b{suffix}", cloud(29), like=path)
    assert caught.value.path == path
    assert not list(tmp_path.glob("b*"))


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_missing_source_is_the_one_named(tmp_path, suffix):
    with pytest.raises(InputError, match="does not exist") as caught:
        write(tmp_path / f"b{suffix}", cloud(), like=tmp_path / f"a{suffix}")
    assert caught.value.path == tmp_path / f"a{suffix}"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_every_format_refuses_a_missing_field_by_name(tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    write(path, cloud())
    with pytest.raises(InputError, match="no field 'nothing'") as caught:
        read(path, label_field="nothing")
    assert caught.value.path == path


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("data", [b"", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(99)])
def test_wrong_content_is_one_clear_line(tmp_path, suffix, data):
    path = tmp_path / f"a{suffix}"
    path.write_bytes(data)
    if suffix == ".bin" and not data:
        assert len(read(path)) == 0
        return
    with pytest.raises(InputError) as caught:
        read(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_missing_files_and_folders_are_named(tmp_path, suffix):
    with pytest.raises(InputError, match="does not exist"):
        read(tmp_path / f"none{suffix}")
    (tmp_path / f"folder{suffix}").mkdir()
    with pytest.raises(InputError, match="is a folder"):
        read(tmp_path / f"folder{suffix}")
