"""Tables as surveyors export them: names, orders, counters, decimal commas, degrees."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest

from volseg.errors import InputError, InputWarning
from volseg.geometry import PointCloud
from volseg.io import convert, describe, read, write
from volseg.io.scans.pieces import Pieces

COUNT = 40
RANDOM = np.random.default_rng(5)
EAST = RANDOM.integers(332_000_000, 332_060_000, COUNT) / 1000
NORTH = RANDOM.integers(4_812_000_000, 4_812_060_000, COUNT) / 1000
UP = RANDOM.integers(10_000, 30_000, COUNT) / 1000
XYZ = np.stack((EAST, NORTH, UP), axis=1)
CODES = np.arange(COUNT) % 3 + 2


def put(folder: Path, text: str, name: str = "survey.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode())
    return path


def table(*columns: Iterable[object], header: str = "", mark: str = ",", decimal: str = ".") -> str:
    """Columns of numbers or words as text."""
    texts = [[str(one).replace(".", decimal) for one in column] for column in columns]
    lines = [header] * bool(header) + list(map(mark.join, zip(*texts, strict=True)))
    return "\n".join(lines) + "\n"


def silent(path: Path, **more: object) -> PointCloud:
    """A scan about which nothing has to be said."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return read(path, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "header",
    [
        "N,E,Z", "Y,X,Z", "NORTHING,EASTING,ELEVATION", "Northing (m),Easting (m),Height (m)",
        "Hochwert,Rechtswert,Höhe", "Nord,Est,Quota", "Norte,Este,Cota", "Y [m],X [m],H [m]",
        "POINT_Y,POINT_X,POINT_Z", "y_coord,x_coord,z_coord", '"Nord","Est","Altitude"',
        "# northing,easting,elev",
    ],
)  # fmt: skip
def test_names_of_coordinates_are_known_in_any_order(tmp_path, header):
    cloud = silent(put(tmp_path, table(NORTH, EAST, UP, header=header)))
    assert np.array_equal(cloud.xyz, XYZ)
    assert not cloud.attributes


@pytest.mark.parametrize(
    ("header", "kept"),
    [
        ("P,N,E,Z,Class", ["P"]),
        ("Point,Northing,Easting,Elevation,Classification", ["Point"]),
        ("n,northing,easting,z,klasse", ["n"]),
        ("Nr,y,x,h,label", ["Nr"]),
    ],
)
def test_numbers_of_points_are_no_coordinates(tmp_path, header, kept):
    source = put(tmp_path, table(np.arange(COUNT), NORTH, EAST, UP, CODES, header=header))
    cloud = silent(source)
    assert np.array_equal(cloud.xyz, XYZ)
    assert np.array_equal(cloud.labels, CODES)
    assert list(cloud.attributes) == kept


def test_local_coordinates_go_before_those_of_a_grid(tmp_path):
    text = table(NORTH, EAST, UP, UP, UP, header="northing,easting,x,y,z")
    cloud = silent(put(tmp_path, text))
    assert np.array_equal(cloud.xyz, np.stack((UP, UP, UP), axis=1))


@pytest.mark.parametrize("start", [0, 1, 5000])
@pytest.mark.parametrize("mark", [",", " ", "\t", ";"])
@pytest.mark.parametrize("code", [True, False])
def test_a_counter_without_a_header_is_no_coordinate(tmp_path, start, mark, code):
    words = (["KERB"] * COUNT,) if code else ()
    counter = np.arange(start, start + COUNT)
    for x, y in ((NORTH, EAST), (EAST, NORTH)):  # surveyors write both
        source = put(tmp_path, table(counter, x, y, UP, *words, mark=mark), "survey.txt")
        with pytest.warns(InputWarning, match=r"column 1 counts the points, columns .* --columns"):
            cloud = read(source)
        assert np.array_equal(cloud.xyz, XYZ)
        assert np.array_equal(cloud.attributes["point"], counter)


def test_names_of_points_before_their_coordinates_are_passed_over(tmp_path):
    text = table([f"P{i}" for i in range(COUNT)], NORTH, EAST, UP)
    with pytest.warns(InputWarning, match="column 1 names the points, columns 3, 2 and 4"):
        cloud = read(put(tmp_path, text))
    assert np.array_equal(cloud.xyz, XYZ)


def test_whole_coordinates_are_no_counter(tmp_path):
    grid = np.stack(np.meshgrid(range(8), range(9), [0], indexing="ij"), axis=-1).reshape(-1, 3)
    cloud = silent(put(tmp_path, table(*grid.T, np.zeros(len(grid), int))))
    assert np.array_equal(cloud.xyz, grid)


@pytest.mark.parametrize("mark", [";", "\t", " ", "|"])
@pytest.mark.parametrize("header", ["X{0}Y{0}Z{0}Klasse", ""])
def test_decimal_commas_are_read_and_written(tmp_path, mark, header):
    text = table(EAST, NORTH, UP, CODES, header=header.format(mark), mark=mark, decimal=",")
    source, copy = put(tmp_path, text), tmp_path / "copy.csv"
    cloud = silent(source)
    assert np.array_equal(cloud.xyz, XYZ)
    assert cloud.labels is None or np.array_equal(cloud.labels, CODES)
    labels = CODES[::-1].copy()
    write(copy, cloud.with_labels(labels, np.full(COUNT, 0.25)), like=source)
    assert "0,25" in copy.read_text()
    assert "." not in copy.read_text()
    back = silent(copy)
    assert np.array_equal(back.xyz, XYZ)
    assert np.array_equal(back.labels, labels)
    assert (back.attributes["confidence"] == 0.25).all()


def test_whole_numbers_first_do_not_hide_decimal_commas(tmp_path):
    text = "332000;4812000;10\n332001;4812001;11\n332002,5;4812002,25;12,125\n"
    cloud = silent(put(tmp_path, text))
    assert cloud.xyz[2].tolist() == [332002.5, 4812002.25, 12.125]


@pytest.mark.parametrize("header", ["lon,lat,alt", "Longitude,Latitude,Elevation", "long,lat,z"])
def test_degrees_are_degrees(tmp_path, header):
    xyz = (EAST / 1e5, NORTH / 1e5, UP)
    source = put(tmp_path, table(*xyz, CODES, header=header + ",class"))
    cloud = silent(source)
    assert cloud.metres_per_unit is None
    with pytest.raises(InputError, match="longitude and latitude in degrees"):
        cloud.metres()
    assert describe(source).unit == "degrees"
    metric = silent(put(tmp_path, table(EAST, NORTH, UP, header=header)))
    assert np.array_equal(metric.metres(), XYZ)


def test_empty_fields_are_nan(tmp_path):
    text = "x,y,z,label\n1,2,3,4\n,,,5\n7,8,9,\n"
    cloud = silent(put(tmp_path, text))
    assert cloud.placed.tolist() == [True, False, True]
    assert cloud.labels[:2].tolist() == [4, 5]
    with pytest.raises(InputError, match="line 3 is '7,8'"):
        read(put(tmp_path, "x,y,z\n1,2,3\n7,8\n"))


@pytest.mark.parametrize("header", ["", "A,B,C,D,E"])
def test_columns_say_what_they_are(tmp_path, header):
    columns = ("id", "northing", "easting", "z", "class")
    source = put(tmp_path, table(CODES + 70, NORTH, EAST, UP, CODES, header=header))
    cloud = silent(source, columns=columns)
    assert np.array_equal(cloud.xyz, XYZ)
    assert np.array_equal(cloud.labels, CODES)
    assert np.array_equal(cloud.attributes["id"], CODES + 70)
    copy = tmp_path / "copy.csv"
    labels = CODES + 10
    Pieces(source, columns=columns).relabel(
        copy, lambda rows: (labels[rows], None, None), highest=99
    )
    expected = table(CODES + 70, NORTH, EAST, UP, labels, header=header)
    assert copy.read_text() == expected
    convert(source, tmp_path / "a.ply", columns=columns)
    assert np.array_equal(read(tmp_path / "a.ply").xyz, XYZ)
    convert(source, tmp_path / "a.txt", columns=columns)
    assert (tmp_path / "a.txt").read_bytes() == source.read_bytes()


def test_fewer_names_leave_the_rest_their_own(tmp_path):
    source = put(tmp_path, table(NORTH, EAST, UP, CODES, header="a,b,c,label"))
    cloud = silent(source, columns=("y", "x", "z"))
    assert np.array_equal(cloud.xyz, XYZ)
    assert np.array_equal(cloud.labels, CODES)


def test_wrong_columns_are_one_clear_line(tmp_path):
    source = put(tmp_path, table(NORTH, EAST, UP))
    with pytest.raises(InputError, match="has 3 columns; --columns names 4"):
        read(source, columns=("n", "y", "x", "z"))
    with pytest.raises(InputError, match="no columns x, y and z"):
        read(source, columns=("a", "b", "c"))
    with pytest.raises(InputError, match="two columns named 'x'"):
        read(put(tmp_path, table(NORTH, EAST, UP, UP)), columns=("x", "y", "z", "x"))
    write(tmp_path / "a.ply", PointCloud(XYZ))
    with pytest.raises(InputError, match=r"a\.ply: is PLY, .* --columns goes with text"):
        read(tmp_path / "a.ply", columns=("x", "y", "z"))


def test_a_line_without_a_counter_is_named(tmp_path):
    said = pytest.warns(InputWarning, match="column 1 names the points")
    with said, pytest.raises(InputError, match="line 2 is 'b'"):
        read(put(tmp_path, "a 1 2 3 4\nb\nc 2 3 4 5\n", "ragged.xyz"))
