from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.heard import Heard
from volseg.errors import InputError
from volseg.geometry import PointCloud
from volseg.io import convert, read, write
from volseg.io.scans.differences import differences

TARGETS = ("b.las", "b.laz", "b.ply", "b.pcd", "b.npz", "b.xyz", "b.csv.gz", "b/coord.npy")


def street(count: int = 60) -> PointCloud:
    """Far from the origin, to the millimetre, with attributes of many types."""
    import pyproj

    generator = np.random.default_rng(0)
    steps = generator.integers(0, 50_000, (count, 3)) + (651_000_000, 6_861_000_000, -20_000)
    attributes = {
        "intensity": generator.integers(0, 2**16, count).astype(np.uint16),
        "colour": generator.integers(0, 2**16, (count, 3)).astype(np.uint16),
        "gps_time": generator.random(count) * 1e9,
        "return_number": generator.integers(1, 8, count).astype(np.uint8),
        "stamp": generator.integers(-(2**40), 2**40, count),
        "normal": generator.normal(size=(count, 3)).astype(np.float32),
    }
    return PointCloud(
        steps / 1000,
        attributes,
        generator.integers(0, 20, count),
        crs=pyproj.CRS.from_epsg(2154).to_wkt(),
        label_field="labels",
    )


def converted(source: Path, target: Path, **how: object) -> list[str]:
    """What was told, with the promise that it is told before the target is there."""

    class Early(Heard):
        def note(self, line: str) -> None:
            assert how.get("overwrite") or not target.exists()
            super().note(line.removeprefix(f"{target} does not hold "))

    heard = Early()
    target.parent.mkdir(exist_ok=True)
    written = convert(source, target, progress=heard, **how)
    assert target in written
    assert all(path.exists() for path in written)
    return heard.notes


@pytest.mark.parametrize("name", TARGETS)
def test_every_target_holds_all_it_does_not_name(tmp_path, name):
    source = tmp_path / "a.npz"
    write(source, street())
    told = converted(source, tmp_path / name)
    back = read(tmp_path / name)
    assert (np.abs(back.xyz - street().xyz) <= np.spacing(np.abs(street().xyz).max(axis=0))).all()
    assert np.array_equal(back.labels, street().labels)
    assert not [loss for loss in told if loss.startswith(("attribute", "all digits", "labels"))]
    holds_crs = name.endswith(("las", "laz", "npz"))
    assert [loss for loss in told if "Lambert-93" in loss] == (
        [] if holds_crs else ["coordinate system RGF93 v1 / Lambert-93"]
    )
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize("middle", TARGETS)
def test_there_and_back_is_the_same_cloud(tmp_path, middle):
    write(tmp_path / "a.npz", street())
    converted(tmp_path / "a.npz", tmp_path / middle)
    converted(tmp_path / middle, tmp_path / "c.npz")
    lost = differences(street(), read(tmp_path / "c.npz"))
    assert [loss for loss in lost if not loss.startswith("coordinate system")] == []


def test_las_keeps_every_byte_through_laz(tmp_path, make_las):
    file = make_las(7, extra=4, gap=b"gap", evlrs=[(b"a test", 7, b"after")])
    (tmp_path / "a.las").write_bytes(file.to_bytes())
    assert converted(tmp_path / "a.las", tmp_path / "b.laz") == []
    assert converted(tmp_path / "b.laz", tmp_path / "c.las") == []
    assert (tmp_path / "c.las").read_bytes() == (tmp_path / "a.las").read_bytes()


def test_copc_loses_its_octree_and_says_so(shared_data, tmp_path):
    source = shared_data / "lidar/laspy_sdist/simple.copc.laz"
    assert converted(source, tmp_path / "a.laz") == ["levels of its octree, if there are any"]
    assert differences(read(source), read(tmp_path / "a.laz")) == []


@given(
    steps=st.lists(st.tuples(*[st.integers(0, 2**30)] * 3), min_size=1, max_size=20),
    digits=st.integers(1, 5),
    offset=st.integers(0, 70),
)
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
def test_decimals_of_a_text_survive_las(tmp_path, steps, digits, offset):
    one = 10**digits
    ends = np.array(steps) + offset * one * 100_000
    rows = [" ".join(f"{end // one}.{end % one:0{digits}}" for end in row) for row in ends]
    (tmp_path / "a.xyz").write_text("\n".join(rows))
    converted(tmp_path / "a.xyz", tmp_path / "b.las", overwrite=True)
    converted(tmp_path / "b.las", tmp_path / "c.xyz", overwrite=True)
    before, after = read(tmp_path / "a.xyz").xyz, read(tmp_path / "c.xyz").xyz
    assert np.array_equal(np.rint(after * one), ends)
    # LAS multiplies by a decimal, which no binary number is: the last bit may differ.
    assert (np.abs(after - before) <= np.spacing(before.max(axis=0))).all()


def test_what_is_lost_is_named_with_its_measure(tmp_path):
    xyz = np.random.default_rng(0).normal(size=(50, 3))
    words = {
        "colour": np.full((50, 3), 0.25),
        "gps_time": np.arange(50),
        "far": np.full(50, 2**60 + 1),
    }
    write(tmp_path / "a.npz", PointCloud(xyz, words, np.arange(50)))
    told = converted(tmp_path / "a.npz", tmp_path / "b.bin")
    assert told[0].startswith("all digits of coordinates: they move by up to ")
    assert float(told[0].split()[-1]) < 1e-6
    assert told[1:] == [
        "attributes colour, gps_time, far",
        "arrays of other lengths, if there are any",
    ]
    told = converted(tmp_path / "a.npz", tmp_path / "b.ply")
    assert told[0] == "attribute far (int64): float64 changes its values"
    assert len(told) == 2


def test_units_a_target_forgets_are_told(tmp_path, shared_data):
    source = shared_data / "lidar/laspy_sdist/file_with_both_wkt_and_geotiff_vlrs.las"
    told = converted(source, tmp_path / "a.ply")
    assert told[0] == "coordinate system NAD83_2011_Nebraska_ft"
    assert told[1].startswith("unit US survey feet: it reads as metres (assumed")


@pytest.mark.parametrize(
    ("labels", "name", "words"),
    [([300], "b.laz", "300"), ([-1], "b.las", "-1"), ([2**16], "b.bin", "65536")],
)
def test_labels_beyond_the_target_are_refused_and_nothing_is_left(tmp_path, labels, name, words):
    write(tmp_path / "a.npz", PointCloud(np.zeros((1, 3)), labels=np.array(labels)))
    with pytest.raises(InputError, match=words) as caught:
        convert(tmp_path / "a.npz", tmp_path / name)
    assert caught.value.path == tmp_path / name
    assert [path.name for path in tmp_path.iterdir()] == ["a.npz"]


def test_files_there_are_left_unless_told(tmp_path):
    write(tmp_path / "a.npz", PointCloud(np.zeros((2, 3)), labels=np.zeros(2)))
    for name in ("b.bin", "b.label"):
        (tmp_path / name).write_bytes(b"old")
        with pytest.raises(InputError, match=f"{name}: exists already"):
            convert(tmp_path / "a.npz", tmp_path / "b.bin")
        assert (tmp_path / name).read_bytes() == b"old"
        (tmp_path / name).unlink()
    convert(tmp_path / "a.npz", tmp_path / "b.bin")
    convert(tmp_path / "a.npz", tmp_path / "b.bin", overwrite=True)
    with pytest.raises(InputError, match="would replace the scan itself"):
        convert(tmp_path / "a.npz", tmp_path / "a.npz", overwrite=True)
    (tmp_path / "hall").mkdir()
    np.save(tmp_path / "hall/normal.npy", np.zeros((3, 3)))
    with pytest.raises(InputError, match=r"holds normal\.npy too"):
        convert(tmp_path / "a.npz", tmp_path / "hall/coord.npy")
    assert [path.name for path in (tmp_path / "hall").iterdir()] == ["normal.npy"]


def test_a_semantic3d_scan_takes_its_labels_along(tmp_path):
    (tmp_path / "a.txt").write_text("1.5 2 3 -9 7 70 200\n4 5 6 -8 8 80 210\n")
    (tmp_path / "a.labels").write_text("5\n3\n")
    converted(tmp_path / "a.txt", tmp_path / "b.laz")
    back = read(tmp_path / "b.laz")
    assert back.labels.tolist() == [5, 3]
    assert back.attributes["intensity_original"].tolist() == [-9, -8]
    assert back.attributes["colour"].tolist() == [[7, 70, 200], [8, 80, 210]]
    converted(tmp_path / "a.txt", tmp_path / "c.txt")
    assert (tmp_path / "c.labels").read_text() == "5\n3\n"
    assert (tmp_path / "c.txt").read_bytes() == (tmp_path / "a.txt").read_bytes()
