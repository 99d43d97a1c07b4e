"""Odd headers: texts in any encoding, names that are made, steps that make no coordinates."""

from __future__ import annotations

import re
import struct
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from volseg.errors import InputError, InputWarning
from volseg.io import read, write
from volseg.io.scans.las.header import made_names


def described(*names: bytes, kind: int = 1, remark: bytes = b"") -> tuple[bytes, int, bytes]:
    """The record that describes extra dimensions of one byte."""
    blocks = [
        struct.pack("<2xBB32s", kind, 0, name).ljust(160, b"\0") + remark.ljust(32, b"\0")
        for name in names
    ]
    return b"LASF_Spec", 4, b"".join(blocks)


def shown(path: Path) -> tuple[list[str], list[str]]:
    """Names of the attributes beyond the standard ones, and what was said."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        cloud = read(path)
    names = list(cloud.attributes)
    said = [one.message.message for one in caught if isinstance(one.message, InputWarning)]
    return names[names.index("gps_time") + 1 :], said


@pytest.mark.parametrize("suffix", [".las", ".laz"])
@pytest.mark.parametrize(
    ("names", "wanted", "told"),
    [
        (["größe".encode("latin-1"), b"\x80uro"], ["größe", "€uro"], ""),
        (["高さ".encode(), "高さ".encode("shift-jis")], ["高さ", None], ""),
        (
            [b"", b"  ", b"\x07bell"],
            ["extra_1", "extra_2", "?bell"],
            "1 has no name.*2 has",
        ),
        ([b"q", b"q", b"q"], ["q", "q_2", "q_3"], "2 is named 'q'.*'q_2'.*'q_3'"),
        ([b"q", b"q", b"q_2"], ["q", "q_3", "q_2"], "'q_3'"),
        ([b"withheld", b"Z", b"red"], ["withheld_2", "Z_2", "red"], "'withheld_2'"),
        ([b"echo width", b"two\0parts"], ["echo width", "two"], ""),
    ],
)
def test_names_are_shown_and_their_bytes_carried(
    make_las: Callable[..., Any],
    tmp_path: Path,
    names: list[bytes],
    wanted: list[str | None],
    told: str,
    suffix: str,
) -> None:
    source, copy, again = (tmp_path / one for one in ("a.las", f"b{suffix}", "c.las"))
    remark = "Höhe über Grund".encode("latin-1")
    file = make_las(6, extra=len(names), vlrs=[described(*names, remark=remark)])
    source.write_bytes(file.to_bytes())
    found, said = shown(source)
    assert [one for one, known in zip(found, wanted, strict=True) if known] == [
        one for one in wanted if one
    ]
    assert len(set(found)) == len(names)
    assert [bool(re.search(told, one)) for one in said] == ([True] if told else [])
    cloud = read(source)
    for number, name in enumerate(found):
        np.testing.assert_array_equal(cloud.attributes[name], file.records[:, 30 + number])
    write(copy, cloud.with_labels(cloud.labels, np.ones(len(cloud))), like=source)
    assert described(*names, remark=remark)[2] in copy.read_bytes()
    assert shown(copy)[0] == [*found, "confidence"]
    write(again, cloud, like=source)
    assert again.read_bytes() == source.read_bytes()


@pytest.mark.parametrize("place", [(26, b"L\xfcft"), (58, b"\xff\xfe"), (397, b"M\xfc")])
def test_texts_in_any_encoding_are_carried(
    make_las: Callable[..., Any], tmp_path: Path, place: tuple[int, bytes]
) -> None:
    source, copy = tmp_path / "a.las", tmp_path / "b.laz"
    user = "Büro".encode("latin-1")
    data = bytearray(make_las(7, vlrs=[(user, 7, b"\xe4\xf6")]).to_bytes())
    start, text = place
    data[start : start + len(text)] = text
    source.write_bytes(data)
    cloud = read(source)
    write(copy, cloud, like=source)
    write(tmp_path / "c.las", read(copy), like=copy)
    assert (tmp_path / "c.las").read_bytes() == bytes(data)


@pytest.mark.parametrize(
    ("minor", "size", "format_id"), [(3, 227, 1), (3, 230, 3), (4, 227, 0), (4, 235, 3)]
)
def test_a_header_shorter_than_its_version_is_read(
    make_las: Callable[..., Any], tmp_path: Path, minor: int, size: int, format_id: int
) -> None:
    data = make_las(format_id, minor=2, vlrs=[(b"me", 1, b"body")]).to_bytes()
    head = bytearray(data[:227])
    head[25] = minor
    struct.pack_into("<HI", head, 94, size, struct.unpack_from("<I", data, 96)[0] + size - 227)
    short = bytes(head) + b"\1" * (size - 227) + data[227:]
    (tmp_path / "plain.las").write_bytes(data)
    (tmp_path / "short.las").write_bytes(short)
    with pytest.warns(InputWarning, match=rf"short\.las: LAS 1\.{minor} has .*this one {size}"):
        cloud = read(tmp_path / "short.las")
    wanted = read(tmp_path / "plain.las")
    np.testing.assert_array_equal(cloud.xyz, wanted.xyz)
    np.testing.assert_array_equal(cloud.labels, wanted.labels)
    write(tmp_path / "copy.las", cloud, like=tmp_path / "short.las")
    assert (tmp_path / "copy.las").read_bytes() == short


def test_a_short_header_without_room_for_the_count_is_refused(
    make_las: Callable[..., Any], tmp_path: Path
) -> None:
    data = bytearray(make_las(6).to_bytes())
    struct.pack_into("<H", data, 94, 235)
    (tmp_path / "a.las").write_bytes(data)
    with pytest.raises(InputError, match="235 bytes of header"):
        read(tmp_path / "a.las")


@pytest.mark.parametrize(
    ("position", "value", "found"),
    [
        (131, 0.0, "scale 0 for x"),
        (139, -0.0, "scale -0 for y"),
        (147, float("inf"), "scale inf for z"),
        (147, float("nan"), "scale NaN for z"),
        (155, float("nan"), "offset NaN for x"),
        (171, float("-inf"), "offset -inf for z"),
    ],
)
def test_steps_that_make_no_coordinates_are_named(
    make_las: Callable[..., Any], tmp_path: Path, position: int, value: float, found: str
) -> None:
    data = bytearray(make_las(3).to_bytes())
    struct.pack_into("<d", data, position, value)
    (tmp_path / "a.las").write_bytes(data)
    with pytest.raises(InputError, match=found):
        read(tmp_path / "a.las")


def test_made_names_differ() -> None:
    assert made_names(["a", "", "a", "a_2", ""], {"a"}) == [
        "a_3",
        "extra_2",
        "a_4",
        "a_2",
        "extra_5",
    ]
