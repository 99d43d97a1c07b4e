from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from volseg.errors import InputError
from volseg.geometry import PointCloud
from volseg.io import is_scan, output_name, read, read_labels, scan_stem, write
from volseg.io.scans.files import files_of
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


def test_unknown_suffixes_list_the_known():
    for act in (lambda: read("scan.obj"), lambda: write("scan.obj", cloud())):
        with pytest.raises(InputError, match=r"scan\.obj.*\.laz.*\.ply.*\.csv\.gz"):
            act()


@pytest.mark.parametrize(("name", "other"), [("a.copc.laz", "a.laz"), ("a.E57", "a.ply")])
def test_what_is_not_written_names_what_is(tmp_path, name, other):
    with pytest.raises(InputError, match=f"name the output {other}"):
        write(tmp_path / name, cloud())


def test_suffixes_are_known_in_any_case():
    assert is_scan("A.LAZ")
    assert is_scan(Path("x/b.xyz_label_conf.gz"))
    assert not is_scan("a.label")
    assert not is_scan("a.gz")


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("x/a.copc.laz", "a.laz"), ("a.LAZ", "a.LAZ"), ("A.COPC.LAZ", "A.laz"),
        ("a.xyz.gz", "a.xyz.gz"), ("b/000000.bin", "000000.bin"), ("x/a.e57", "a.ply"),
        ("x/hall/coord.npy", "hall/coord.npy"), ("x/0.label", "0.label"),
    ],
)  # fmt: skip
def test_a_copy_keeps_its_name_where_volseg_writes_its_kind(source, name):
    assert output_name(source) == name


@pytest.mark.parametrize(
    ("path", "stem"),
    [
        ("x/a.copc.laz", "a"), ("a.E57", "a"), ("b/0.label", "0"), ("b/hall.labels", "hall"),
        ("x/hall/coord.npy", "hall"), ("a.b.pcd", "a.b"), ("x/coord.np", "coord.np"),
    ],
)  # fmt: skip
def test_stems(path, stem):
    assert scan_stem(path) == stem


def test_other_arrays_are_no_scans():
    assert is_scan("x/coord.npy")
    assert not is_scan("x/mycoord.npy")
    assert not is_scan("x/segment.npy")


def test_importing_io_loads_no_reader():
    heavy = "laspy", "lazrs", "pyproj", "torch", "open3d"
    code = f"import sys, volseg.io; print([m for m in {heavy} if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("scan", "beside", "strays"),
    [
        ("tile.laz", [], ["tile.label", "tile.labels"]),
        ("velodyne/7.bin", ["labels/7.label"], ["velodyne/8.label"]),
        ("7.bin", ["7.label"], []),
        ("one.txt", ["one.labels"], ["one.label"]),
        ("hall/coord.npy", ["hall/color.npy", "hall/segment.npy"], ["hall/notes.txt"]),
    ],
)
def test_a_scan_is_all_the_files_it_is_read_from(
    tmp_path: Path, scan: str, beside: list[str], strays: list[str]
) -> None:
    for name in (scan, *beside, *strays):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    assert files_of(tmp_path / scan) == [tmp_path / name for name in (scan, *beside)]
    for name in beside:
        (tmp_path / name).unlink()
    assert files_of(tmp_path / scan) == [tmp_path / scan]
