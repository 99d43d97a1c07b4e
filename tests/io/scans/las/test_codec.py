from __future__ import annotations

import os
import struct
from contextlib import suppress
from pathlib import Path

import laspy
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from volseg.errors import InputError
from volseg.geometry import PointCloud
from volseg.io import read, write
from volseg.io.scans.crs import chosen
from volseg.io.scans.las import file as las_file

CLASS_BYTE = {True: 15, False: 16}
WKT_KEY = (b"LASF_Projection", 2112)
# Header fields that say where things stand: they may differ between a scan and its copy.
POSITIONS = [(96, 100), (100, 104), (104, 105), (105, 107), (227, 235), (235, 243)]


def raw_records(path: Path) -> np.ndarray:
    """Point records as bytes, read by laspy."""
    array = laspy.read(path).points.array
    return np.frombuffer(array.tobytes(), np.uint8).reshape(len(array), array.dtype.itemsize)


def header_without_positions(data: bytes, *, also: tuple[tuple[int, int], ...] = ()) -> bytes:
    header = bytearray(data[: struct.unpack_from("<H", data, 94)[0]])
    for start, end in (*POSITIONS, *also):
        if end <= len(header) and (start < 227 or header[25] >= 3):
            header[start:end] = bytes(end - start)
    return bytes(header)


def vlrs(data: bytes) -> list[tuple[bytes, bytes]]:
    (start,), (count,) = struct.unpack_from("<H", data, 94), struct.unpack_from("<I", data, 100)
    found = []
    for _ in range(count):
        end = start + 54 + struct.unpack_from("<H", data, start + 20)[0]
        if not data[start + 2 :].startswith((b"laszip encoded", b"copc")):
            found.append((data[start : start + 54], data[start + 54 : end]))
        start = end
    found.append((b"gap", data[start : struct.unpack_from("<I", data, 96)[0]]))
    return found


def tail(data: bytes) -> bytes:
    start = struct.unpack_from("<Q", data, 235)[0] if data[25] >= 4 else 0
    return data[start:] if start else b""


def labels_for(path: Path, seed: int = 0) -> np.ndarray:
    with laspy.open(path) as file:
        highest = 32 if file.header.point_format.id < 6 else 256
        return np.random.default_rng(seed).integers(0, highest, file.header.point_count)


def assert_only_labels_changed(source: Path, copy: Path, labels: np.ndarray) -> None:
    before, after = source.read_bytes(), copy.read_bytes()
    copc = b"copc" in before[375:400]
    dropped = ((243, 247),) if copc else ()
    assert header_without_positions(before, also=dropped) == header_without_positions(
        after, also=dropped
    )
    assert vlrs(before) == vlrs(after)
    assert copc or tail(before) == tail(after)
    old, new = raw_records(source), raw_records(copy)
    legacy = (before[104] & 0x3F) < 6
    place = CLASS_BYTE[legacy]
    expected = old.copy()
    expected[:, place] = (old[:, place] & 0xE0 if legacy else 0) | labels.astype(np.uint8)
    assert np.array_equal(new, expected)


def lidar_files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("lidar/*/*.la[sz]"))


@pytest.mark.parametrize("suffix", [".las", ".laz"])
@pytest.mark.parametrize("format_id", range(11))
@pytest.mark.parametrize("extra", [0, 5])
def test_copy_changes_labels_only_in_every_point_format(
    make_las, tmp_path, format_id, extra, suffix
):
    body = bytes(range(256)) * 3
    file = make_las(
        format_id,
        extra=extra,
        vlrs=[(b"somebody", 77, body), (b"liblas", 2112, b"")],
        gap=b"\xcc\xdd",
        header_extra=b"",
    )
    source, copy = tmp_path / "scan.las", tmp_path / f"copy{suffix}"
    source.write_bytes(file.to_bytes())
    labels = labels_for(source)
    write(copy, read(source).with_labels(labels), like=source)
    assert_only_labels_changed(source, copy, labels)
    # Compressed and back again, the file is the first one to the byte.
    again = tmp_path / "again.las"
    original = read(source)
    write(again, original, like=copy)
    assert again.read_bytes() == source.read_bytes()


@pytest.mark.parametrize("minor", [0, 1, 2, 3, 4])
def test_every_version_is_read_and_kept(make_las, tmp_path, minor):
    source, copy = tmp_path / "scan.las", tmp_path / "copy.las"
    source.write_bytes(make_las(0, minor=minor, header_extra=b"more").to_bytes())
    labels = labels_for(source)
    write(copy, read(source).with_labels(labels), like=source)
    assert_only_labels_changed(source, copy, labels)
    assert np.array_equal(read(copy).labels, labels)


@pytest.mark.parametrize("suffix", [".las", ".laz"])
@pytest.mark.parametrize("format_id", [4, 5, 9, 10])
def test_waveforms_in_the_file_move_with_their_position(make_las, tmp_path, format_id, suffix):
    packets = (b"LASF_Spec", 65535, np.random.default_rng(0).bytes(1000))
    file = make_las(format_id, minor=4, waveforms=True, evlrs=[packets, (b"me", 3, b"last")])
    source, copy = tmp_path / "scan.las", tmp_path / f"copy{suffix}"
    source.write_bytes(file.to_bytes())
    cloud = read(source)
    labels = labels_for(source)
    write(copy, cloud.with_labels(labels, np.ones(len(cloud))), like=source)
    data = copy.read_bytes()
    waveforms, extended = struct.unpack_from("<QQ", data, 227)
    assert waveforms == extended
    assert data[waveforms:] == tail(source.read_bytes())
    assert np.array_equal(read(copy).labels, labels)


@pytest.mark.parametrize("format_id", [9, 10])
def test_waveform_fields_laz_would_change_are_refused(make_las, tmp_path, format_id):
    file = make_las(format_id)
    file.records[:, 15] = np.random.default_rng(0).integers(0, 256, len(file.records))
    source = tmp_path / "scan.las"
    source.write_bytes(file.to_bytes())
    with pytest.raises(InputError, match=r"scanner channels.*\.las"):
        write(tmp_path / "copy.laz", read(source), like=source)
    write(tmp_path / "copy.las", read(source), like=source)
    assert (tmp_path / "copy.las").read_bytes() == source.read_bytes()
    assert not (tmp_path / "copy.laz").exists()


def test_waveforms_before_las_1_4_move_too(make_las, tmp_path):
    file = make_las(4, minor=3, waveforms=True)
    source, copy = tmp_path / "scan.las", tmp_path / "copy.laz"
    source.write_bytes(file.to_bytes() + b"packets")
    write(copy, read(source), like=source)
    data = copy.read_bytes()
    assert data[struct.unpack_from("<Q", data, 227)[0] :] == b"packets"


def test_every_real_file_survives(shared_data, tmp_path):
    files = lidar_files(shared_data)
    assert files
    for source in files:
        copy = tmp_path / source.name.replace(".copc.laz", ".laz")
        labels = labels_for(source)
        cloud = read(source)
        assert np.array_equal(cloud.xyz, laspy.read(source).xyz)
        write(copy, cloud.with_labels(labels), like=source)
        assert_only_labels_changed(source, copy, labels)
        copy.unlink()


def test_confidence_is_appended_and_nothing_else_moves(shared_data, tmp_path):
    for source in lidar_files(shared_data):
        cloud = read(source)
        copy = tmp_path / source.name.replace(".copc.laz", ".las").replace(".laz", ".las")
        confidence = np.random.default_rng(1).random(len(cloud), dtype=np.float32)
        write(copy, cloud.with_labels(cloud.labels, confidence), like=source)
        old, new = raw_records(source), raw_records(copy)
        assert np.array_equal(new[:, : old.shape[1]], old)
        # One of whole numbers is a measure of the sensor, not of the labels.
        name = "confidence_predicted" if "confidence" in cloud.attributes else "confidence"
        assert np.array_equal(laspy.read(copy)[name], confidence)
        copy.unlink()


def test_undocumented_bytes_stay_before_a_new_dimension(make_las, tmp_path):
    source, copy = tmp_path / "scan.las", tmp_path / "copy.las"
    source.write_bytes(make_las(6, extra=300).to_bytes())
    cloud = read(source)
    confidence = np.linspace(0, 1, len(cloud), dtype=np.float32)
    write(copy, cloud.with_labels(cloud.labels, confidence), like=source)
    old, new = raw_records(source), raw_records(copy)
    assert np.array_equal(new[:, :330], old)
    assert np.array_equal(new[:, 330:].copy().view("<f4")[:, 0], confidence)
    assert np.array_equal(read(copy).attributes["confidence"], confidence)


@pytest.mark.parametrize("count", [1, 7, 8, 30, 255])
def test_bytes_described_as_undocumented_are_read(make_las, tmp_path, count):
    body = struct.pack("<2xBB32s", 0, count, b"blob").ljust(192, b"\0")
    file = make_las(6, extra=count, vlrs=[(b"LASF_Spec", 4, body)])
    source, copy = tmp_path / "scan.las", tmp_path / "copy.las"
    source.write_bytes(file.to_bytes())
    cloud = read(source)
    blob = [v.reshape(len(cloud), -1) for n, v in cloud.attributes.items() if n.startswith("blob")]
    assert np.array_equal(np.concatenate(blob, axis=1), file.records[:, 30:])
    write(copy, cloud.with_labels(cloud.labels, np.ones(len(cloud))), like=source)
    assert np.array_equal(read(copy).attributes["confidence"], np.ones(len(cloud)))
    written = copy.read_bytes()
    assert body in written


def test_no_attribute_takes_the_place_of_labels_or_coordinates(tmp_path):
    attributes = {"classification": np.arange(5), "X": np.arange(5), "x": np.arange(5.0) + 0.5}
    write(tmp_path / "new.las", PointCloud(np.eye(5)[:, :3], attributes, np.full(5, 9)))
    back = read(tmp_path / "new.las")
    assert np.array_equal(back.labels, np.full(5, 9))
    assert np.abs(back.xyz - np.eye(5)[:, :3]).max() < 1e-9
    for name, values in attributes.items():
        assert np.array_equal(back.attributes[f"{name}_original"], values)


def test_attributes_the_source_lacks_are_added(make_las, tmp_path):
    source, copy = tmp_path / "scan.las", tmp_path / "copy.laz"
    source.write_bytes(make_las(1).to_bytes())
    cloud = read(source)
    normals = np.random.default_rng(0).normal(size=(len(cloud), 3))
    more = {**cloud.attributes, "normal": normals, "flag": np.arange(len(cloud)) % 2 == 0}
    write(copy, PointCloud(cloud.xyz, more, cloud.labels), like=source)
    attributes = read(copy).attributes
    assert np.array_equal(np.stack([attributes[f"normal_{i}"] for i in range(3)], 1), normals)
    assert np.array_equal(attributes["flag"], more["flag"])


def test_a_source_just_read_is_not_decompressed_again(make_las, tmp_path, monkeypatch):
    source, copy = tmp_path / "scan.laz", tmp_path / "copy.laz"
    (tmp_path / "scan.las").write_bytes(make_las(7, extra=3).to_bytes())
    write(source, read(tmp_path / "scan.las"), like=tmp_path / "scan.las")
    cloud = read(source)
    monkeypatch.setattr(las_file, "read_records", None)
    for seed in (1, 2):  # what one copy was given is not seen in the next
        labels = labels_for(source, seed)
        write(copy, cloud.with_labels(labels), like=source, overwrite=True)
        assert_only_labels_changed(source, copy, labels)


@pytest.mark.parametrize("in_place", [False, True])
def test_a_source_changed_since_it_was_read_is_read_again(make_las, tmp_path, in_place):
    source, copy, other = (tmp_path / name for name in ("scan.las", "copy.las", "other.las"))
    source.write_bytes(make_las(6).to_bytes())
    cloud = read(source)
    changed = make_las(6)
    changed.records[:, 12:14] += 1  # intensities
    if in_place:
        source.write_bytes(changed.to_bytes())
        times = source.stat()
        os.utime(source, ns=(times.st_atime_ns, times.st_mtime_ns + 1))
    else:
        other.write_bytes(changed.to_bytes())
        other.replace(source)
    labels = labels_for(source)
    write(copy, cloud.with_labels(labels), like=source)
    assert_only_labels_changed(source, copy, labels)


@pytest.mark.parametrize("count", [1, 20])
def test_attributes_changed_in_memory_do_not_reach_the_copy(make_las, tmp_path, count):
    source, copy = tmp_path / "scan.las", tmp_path / "copy.las"
    source.write_bytes(make_las(7, count=count).to_bytes())
    cloud = read(source)
    for values in cloud.attributes.values():
        values += 1
    write(copy, cloud, like=source)
    assert copy.read_bytes() == source.read_bytes()


def test_labels_go_to_the_dimension_they_came_from(shared_data, tmp_path):
    source = shared_data / "lidar/oakland_mls/oakland_part2_ac.laz"
    cloud = read(source, label_field="label")
    assert cloud.labels.max() > 255
    copy = tmp_path / "copy.laz"
    write(copy, cloud.with_labels(cloud.labels + 1), like=source)
    before, after = laspy.read(source), laspy.read(copy)
    assert np.array_equal(after["label"], before["label"] + 1)
    assert np.array_equal(after.classification, before.classification)
    assert np.array_equal(cloud.attributes["classification"], before.classification)


@pytest.mark.parametrize(
    ("format_id", "code", "remedy"), [(3, 256, "ply"), (6, 256, "ply"), (3, -1, "ply")]
)
def test_class_the_format_cannot_hold_is_refused(make_las, tmp_path, format_id, code, remedy):
    source, copy = tmp_path / "scan.las", tmp_path / "copy.las"
    source.write_bytes(make_las(format_id).to_bytes())
    cloud = read(source)
    with pytest.raises(InputError, match=f"class id {code}.*{remedy}"):
        write(copy, cloud.with_labels(np.full(len(cloud), code)), like=source)
    assert list(tmp_path.iterdir()) == [source]


def test_other_number_of_points_is_refused(make_las, tmp_path):
    source = tmp_path / "scan.las"
    source.write_bytes(make_las(3).to_bytes())
    with pytest.raises(InputError, match=r"57 points.*56"):
        write(tmp_path / "copy.las", read(source).take(np.arange(56)), like=source)


def test_missing_dimension_names_those_there(make_las, tmp_path):
    source = tmp_path / "scan.las"
    source.write_bytes(make_las(1).to_bytes())
    with pytest.raises(InputError, match=r"scan.las.*'nothing'.*gps_time"):
        read(source, label_field="nothing")


@pytest.mark.parametrize("suffix", [".las", ".laz"])
def test_new_file_gives_back_what_was_written(tmp_path, suffix):
    generator = np.random.default_rng(0)
    cloud = PointCloud(
        generator.uniform(0, 1000, (5000, 3)) + [654321.0, 6543210.0, 100.0],
        {
            "colour": generator.integers(0, 65536, (5000, 3), dtype=np.uint16),
            "intensity": generator.integers(0, 65536, 5000, dtype=np.uint16),
            "gps_time": generator.normal(size=5000),
            "return_number": generator.normal(size=5000),
            "planarity": generator.random(5000, dtype=np.float32),
        },
        generator.integers(0, 256, 5000),
        generator.random(5000, dtype=np.float32),
    )
    path = tmp_path / f"new{suffix}"
    assert write(path, cloud) == [path]
    back = read(path)
    assert np.abs(back.xyz - cloud.xyz).max() < 0.00051
    assert np.array_equal(back.labels, cloud.labels)
    assert np.array_equal(back.attributes["confidence"], cloud.confidence)
    for name, values in cloud.attributes.items():
        stored = "return_number_original" if name == "return_number" else name
        assert np.array_equal(back.attributes[stored], values), name
    header = laspy.open(path).header
    assert np.allclose(header.mins, back.xyz.min(axis=0), atol=1e-6)


@given(
    centre=st.lists(st.floats(-1e9, 1e9), min_size=3, max_size=3),
    spread=st.floats(0, 1e9),
    count=st.integers(1, 20),
)
@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_new_coordinates_never_overflow(tmp_path, centre, spread, count):
    xyz = np.random.default_rng(0).uniform(-spread, spread, (count, 3)) + centre
    write(tmp_path / "new.las", PointCloud(xyz), overwrite=True)
    back = read(tmp_path / "new.las").xyz
    steps = laspy.open(tmp_path / "new.las").header.scales
    assert (np.abs(back - xyz) <= 0.5001 * steps + 1e-6).all()
    assert (steps <= np.maximum(0.001, 11 * np.ptp(xyz, axis=0) / 2**31 + 1e-8)).all()


def test_new_file_without_points(tmp_path):
    write(tmp_path / "empty.laz", PointCloud(np.empty((0, 3))))
    assert len(read(tmp_path / "empty.laz")) == 0


def test_crs_travels(shared_data, tmp_path):
    cloud = read(shared_data / "lidar/laspy_sdist/file_with_both_wkt_and_geotiff_vlrs.las")
    assert cloud.metres_per_unit == pytest.approx((1200 / 3937,) * 3)
    write(tmp_path / "new.laz", cloud)
    assert read(tmp_path / "new.laz").metres_per_unit == pytest.approx(cloud.metres_per_unit)


def test_crs_in_an_extended_record_is_found(make_las, tmp_path):
    import pyproj

    wkt = pyproj.CRS.from_epsg(2263).to_wkt().encode() + b"\0"
    (tmp_path / "scan.las").write_bytes(make_las(6, evlrs=[(*WKT_KEY, wkt)]).to_bytes())
    units = read(tmp_path / "scan.las").metres_per_unit
    assert units == pytest.approx((1200 / 3937,) * 3)


UTM = struct.pack("<4H4H4H", 1, 1, 0, 2, 1024, 0, 1, 1, 3072, 0, 1, 32633)
NO_CODE = struct.pack("<4H4H", 1, 1, 0, 1, 3072, 0, 1, 9999)


@pytest.mark.parametrize("text", [b"PROJCS[", b"Netz \xfc", b"EPSG 1", b'GEOGCS["a"]', b"\xff"])
def test_a_crs_that_cannot_be_understood_stops_nobody_who_needs_no_metres(make_las, tmp_path, text):
    source, copy = tmp_path / "a.las", tmp_path / "b.las"
    source.write_bytes(make_las(6, vlrs=[(*WKT_KEY, text)]).to_bytes())
    cloud = read(source)
    assert "cannot be understood" in cloud.crs_problem
    with pytest.raises(InputError, match="--crs EPSG:NUMBER"):
        cloud.metres()
    write(copy, cloud, like=source)
    assert copy.read_bytes() == source.read_bytes()
    write(tmp_path / "c.laz", cloud)  # a new file names no system that nobody understands
    assert read(tmp_path / "c.laz").crs is None


def test_geokeys_stand_in_for_text_that_cannot_be_understood(make_las, tmp_path):
    keys = (b"LASF_Projection", 34735)
    for vlrs, name, problem in (
        ([(*WKT_KEY, b"GEOGCS["), (*keys, UTM)], "UTM zone 33N", None),
        ([(*WKT_KEY, b"GEOGCS["), (*keys, NO_CODE)], None, "'GEOGCS"),
        ([(*keys, NO_CODE)], None, "EPSG:9999"),
    ):
        (tmp_path / "a.las").write_bytes(make_las(6, vlrs=vlrs).to_bytes())
        cloud = read(tmp_path / "a.las")
        assert (name is None) == (cloud.crs is None)
        assert name is None or name in cloud.crs
        assert (problem is None) == (cloud.crs_problem is None)
        assert problem is None or problem in cloud.crs_problem
        assert read(tmp_path / "a.las", crs=chosen("EPSG:2263", None)).crs_problem is None


def test_copy_of_copc_has_no_octree(shared_data, tmp_path):
    source = shared_data / "lidar/laspy_sdist/simple.copc.laz"
    write(tmp_path / "simple.laz", read(source), like=source)
    data = (tmp_path / "simple.laz").read_bytes()
    assert b"copc" not in data
    assert laspy.read(tmp_path / "simple.laz").header.number_of_evlrs == 0
    assert struct.unpack_from("<Q", data, 235) == (0,)


def damaged(data: bytes, position: int, layout: str, value: int) -> bytes:
    return data[:position] + struct.pack(layout, value) + data[position + struct.calcsize(layout) :]


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda data: b"", "LASF"),
        (lambda data: b"\x89PNG\r\n" + data, "LASF"),
        (lambda data: data[:100], "cut off"),
        (lambda data: data[:-1], "cut off.*57 points.*56"),
        (lambda data: damaged(data, 247, "<Q", 10**12), "cut off.*1,000,000,000,000 points"),
        (lambda data: damaged(data, 100, "<I", 2**32 - 1), "damaged"),
        (lambda data: damaged(data, 96, "<I", 2**32 - 1), "cut off"),
        (lambda data: damaged(data, 94, "<H", 65535), "damaged"),
        (lambda data: damaged(data, 105, "<H", 0), "damaged"),
        (lambda data: damaged(data, 104, "<B", 11), "point format 11"),
        (lambda data: damaged(data, 25, "<B", 9), "LAS 1.9"),
        (lambda data: damaged(data, 243, "<I", 2**32 - 1), "cut off"),
        (lambda data: damaged(data, 131, "<d", float("nan")), "NaN"),
    ],
)
def test_damaged_las_is_one_clear_line(make_las, tmp_path, damage, words):
    path = tmp_path / "scan.las"
    path.write_bytes(damage(make_las(6).to_bytes()))
    with pytest.raises(InputError, match=words) as caught:
        read(path)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


def compressed(make_las, folder: Path, count: int) -> bytes:
    source = folder / "source.las"
    source.write_bytes(make_las(6, count=count).to_bytes())
    write(folder / "scan.laz", read(source), like=source)
    return (folder / "scan.laz").read_bytes()


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.999])
def test_truncated_laz_is_refused(make_las, tmp_path, share):
    data = compressed(make_las, tmp_path, 2000)
    (tmp_path / "cut.laz").write_bytes(data[: int(len(data) * share)])
    with pytest.raises(InputError, match=r"cut\.laz"):
        read(tmp_path / "cut.laz")


def test_laz_claiming_a_million_million_points_is_refused(make_las, tmp_path):
    data = compressed(make_las, tmp_path, 2000)
    (tmp_path / "lie.laz").write_bytes(damaged(data, 247, "<Q", 10**12))
    with pytest.raises(InputError, match="1,000,000,000,000"):
        read(tmp_path / "lie.laz")


def test_layers_larger_than_their_chunk_are_refused_before_they_are_read(make_las, tmp_path):
    data = compressed(make_las, tmp_path, 2000)
    first_layer = struct.unpack_from("<I", data, 96)[0] + 8 + 30 + 4
    (tmp_path / "lie.laz").write_bytes(damaged(data, first_layer, "<I", 2**32 - 1))
    with pytest.raises(InputError, match="LAZ chunk 1 of 1 is cut off"):
        read(tmp_path / "lie.laz")


@given(data=st.data())
@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
def test_flipped_bits_raise_nothing_but_input_errors(make_las, tmp_path, data):
    path = tmp_path / "scan.laz"
    kinds = tmp_path / "las.bytes", tmp_path / "laz.bytes"
    if not kinds[0].exists():
        body = bytes(2) + struct.pack("<BB32s", 9, 0, b"extra") + bytes(156)
        file = make_las(6, count=50, extra=4, vlrs=[(b"LASF_Spec", 4, body)])
        kinds[0].write_bytes(file.to_bytes())
        (tmp_path / "source.las").write_bytes(file.to_bytes())
        write(path, read(tmp_path / "source.las"), like=tmp_path / "source.las")
        kinds[1].write_bytes(path.read_bytes())
    whole = bytearray(data.draw(st.sampled_from(kinds)).read_bytes())
    # Most of the structure is in the first kilobyte.
    positions = st.one_of(st.integers(0, min(len(whole), 800) - 1), st.integers(0, len(whole) - 1))
    for position, value in data.draw(
        st.lists(st.tuples(positions, st.integers(0, 255)), min_size=1, max_size=6)
    ):
        whole[position] = value
    path.write_bytes(whole[: data.draw(st.integers(len(whole) // 2, len(whole)))])
    with suppress(InputError):
        read(path)
