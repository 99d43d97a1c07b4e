"""Classes above 31 in scans of old point formats: LAS 1.4 with all that they had."""

from __future__ import annotations

import struct
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import laspy
import numpy as np
import pytest

from volseg.errors import InputWarning
from volseg.io import read, write
from volseg.io.scans.pieces import Pieces

SUCCESSORS = {0: 6, 1: 6, 2: 7, 3: 7, 4: 9, 5: 10}
UTM = struct.pack("<4H4H4H", 1, 1, 0, 2, 1024, 0, 1, 1, 3072, 0, 1, 32633)
KEYS = (b"LASF_Projection", 34735, UTM)


def labels_of(count: int) -> np.ndarray:
    return np.resize([2, 64, 65, 255, 12], count)


@pytest.mark.parametrize("suffix", [".las", ".laz"])
@pytest.mark.parametrize("minor", [0, 2, 4])
@pytest.mark.parametrize("format_id", SUCCESSORS)
def test_all_fields_are_kept(
    make_las: Callable[..., Any], tmp_path: Path, format_id: int, minor: int, suffix: str
) -> None:
    source, copy = tmp_path / "a.las", tmp_path / f"b{suffix}"
    file = make_las(
        format_id, minor=minor, extra=3, vlrs=[(b"somebody", 77, b"body")], header_extra=b"more"
    )
    source.write_bytes(file.to_bytes())
    cloud = read(source)
    labels = labels_of(len(cloud))
    told = rf"b{suffix}: point format {format_id} of LAS 1\.{minor} .*as LAS 1\.4, point format"
    with pytest.warns(InputWarning, match=told):
        write(copy, cloud.with_labels(labels, np.ones(len(cloud))), like=source)
    old, new = laspy.read(source), laspy.read(copy)
    assert (new.header.version.minor, new.point_format.id) == (4, SUCCESSORS[format_id])
    assert np.array_equal(new.classification, labels)
    assert np.array_equal(new["confidence"], np.ones(len(cloud)))
    for name in set(old.point_format.dimension_names) - {"classification", "scan_angle_rank"}:
        assert np.array_equal(new[name], old[name]), name
    assert np.abs(np.asarray(new.scan_angle) * 0.006 - old.scan_angle_rank).max() <= 0.003
    assert np.array_equal(new.overlap, np.asarray(old.classification) == 12)
    assert np.array_equal(read(copy).xyz, cloud.xyz)
    before, after = old.header, new.header
    returns = slice(5 if minor < 4 else 15)
    assert list(after.number_of_points_by_return[returns]) == list(
        before.number_of_points_by_return[returns]
    )
    assert list(new.point_format.extra_dimension_names)[-1] == "confidence"
    assert len(list(new.point_format.extra_dimension_names)) == 2
    assert np.array_equal(after.mins, before.mins)
    assert after.uuid == before.uuid
    assert after.point_count == len(cloud)
    data = copy.read_bytes()
    assert data[375:379] == b"more"
    assert data[26:90] == source.read_bytes()[26:90]
    assert struct.unpack_from("<I", data, 107) == (0,)
    assert (new.vlrs[0].user_id, new.vlrs[0].record_data_bytes()) == ("somebody", b"body")


def test_labels_that_fit_change_no_format(make_las: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "a.las").write_bytes(make_las(3).to_bytes())
    cloud = read(tmp_path / "a.las")
    with warnings.catch_warnings():
        warnings.simplefilter("error", InputWarning)
        write(
            tmp_path / "b.las", cloud.with_labels(np.full(len(cloud), 31)), like=tmp_path / "a.las"
        )
    assert laspy.read(tmp_path / "b.las").header.point_format.id == 3


@pytest.mark.parametrize("suffix", [".las", ".laz"])
@pytest.mark.parametrize("format_id", [4, 5])
def test_waveforms_move_with_their_position(
    make_las: Callable[..., Any], tmp_path: Path, format_id: int, suffix: str
) -> None:
    source, copy = tmp_path / "a.las", tmp_path / f"b{suffix}"
    source.write_bytes(make_las(format_id, minor=3, waveforms=True).to_bytes() + b"packets")
    cloud = read(source)
    write(copy, cloud.with_labels(labels_of(len(cloud))), like=source)
    data = copy.read_bytes()
    assert data[struct.unpack_from("<Q", data, 227)[0] :] == b"packets"
    assert struct.unpack_from("<QI", data, 235) == (0, 0)


def test_extended_records_stay(make_las: Callable[..., Any], tmp_path: Path) -> None:
    source, copy = tmp_path / "a.las", tmp_path / "b.laz"
    source.write_bytes(make_las(3, minor=4, evlrs=[(b"me", 3, b"last")]).to_bytes())
    cloud = read(source)
    write(copy, cloud.with_labels(labels_of(len(cloud))), like=source)
    (last,) = laspy.read(copy).evlrs
    assert (last.user_id, last.record_data_bytes()) == ("me", b"last")


def test_the_system_is_named_in_words(make_las: Callable[..., Any], tmp_path: Path) -> None:
    source, copy = tmp_path / "a.las", tmp_path / "b.las"
    source.write_bytes(make_las(1, vlrs=[KEYS]).to_bytes())
    cloud = read(source)
    write(copy, cloud.with_labels(labels_of(len(cloud))), like=source)
    header = laspy.read(copy).header
    assert header.global_encoding.wkt
    assert header.parse_crs().to_epsg() == 32633
    assert [one.record_id for one in header.vlrs] == [34735, 2112]
    source.write_bytes(make_las(1).to_bytes())
    write(copy, cloud.with_labels(labels_of(len(cloud))), like=source, overwrite=True)
    assert not laspy.read(copy).header.global_encoding.wkt


@pytest.mark.parametrize("suffix", [".las", ".laz"])
def test_pieces_are_upgraded_as_the_whole(
    make_las: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    from volseg.io.scans import pieces

    source, one, other = (tmp_path / name for name in ("a.las", f"b{suffix}", f"c{suffix}"))
    source.write_bytes(make_las(3, count=1000, extra=2).to_bytes())
    cloud = read(source)
    labels = np.arange(1000) // 10
    write(other, cloud.with_labels(labels), like=source)
    monkeypatch.setattr(pieces, "PIECE", 300)
    Pieces(source, noise=True).relabel(one, lambda rows: (labels[rows], None, None), highest=99)
    assert one.read_bytes() == other.read_bytes()
