"""Codecs of scans: typed, loaded when needed, one for all formats that share it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from volseg.errors import InputError
from volseg.geometry import PointCloud
from volseg.io.scans.codec import ScanCodec
from volseg.io.scans.formats import OWN_FORMATS, ScanFormat, find_scan_format


class Least(ScanCodec):
    """What a format has to have, and no more."""

    def read(self, path: Path, label_field: str | None) -> PointCloud:
        return PointCloud(np.zeros((1, 3)))


@pytest.mark.parametrize("kind", OWN_FORMATS, ids=lambda kind: kind.name)
def test_every_format_has_one_codec(kind: ScanFormat) -> None:
    codec = kind.codec()
    assert isinstance(codec, ScanCodec)
    assert codec is kind.codec()
    assert [other.name for other in OWN_FORMATS if other.codec() is codec] == [
        other.name for other in OWN_FORMATS if other.shares_codec(kind)
    ]


def test_what_is_optional_has_a_default(tmp_path: Path) -> None:
    codec, path = Least(), tmp_path / "a.f8"
    (tmp_path / "b.f8").touch()
    with pytest.raises(InputError, match="does not write"):
        codec.write(path, PointCloud(np.zeros((1, 3))), None, overwrite=False)
    assert codec.beside(path) == []
    assert codec.labelled_by(path) is None
    assert codec.stream() is None
    assert codec.with_columns(["x"]) is codec
    codec.check_folder(path, [path])
    assert not any((codec.names_systems, codec.one_word_names, codec.takes_columns))


def test_a_codec_that_cannot_read_is_none() -> None:
    with pytest.raises(TypeError, match="abstract"):
        ScanCodec()  # type: ignore[abstract]


def test_las_alone_streams_and_text_alone_takes_columns() -> None:
    streams = {kind.name for kind in OWN_FORMATS if kind.codec().stream() is not None}
    columns = {kind.name for kind in OWN_FORMATS if kind.codec().takes_columns}
    assert (streams, columns) == ({"COPC", "LAZ", "LAS"}, {"text"})


def test_other_arrays_in_the_folder_of_a_scene_are_refused(tmp_path: Path) -> None:
    scene = tmp_path / "coord.npy"
    codec = find_scan_format(scene).codec()
    for name in ("coord.npy", "notes.txt"):
        (tmp_path / name).touch()
    codec.check_folder(scene, [scene])
    (tmp_path / "normal.npy").touch()
    with pytest.raises(InputError, match=r"its folder holds normal\.npy too"):
        codec.check_folder(scene, [scene])
