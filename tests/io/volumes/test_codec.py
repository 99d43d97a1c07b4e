"""Codecs of volumes: typed, loaded when needed, one for all formats that share it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from volseg.errors import InputError
from volseg.geometry import Volume
from volseg.io.volumes.codec import Stored, VolumeCodec, VolumeHeader, label_dtype
from volseg.io.volumes.formats import DICOM, MASKS, OWN_FORMATS, VolumeFormat

TYPES = (np.uint8, np.uint16, np.int16, np.int32)


class Least(VolumeCodec):
    """What a format has to have, and no more."""

    def read_header(self, path: Path) -> VolumeHeader:
        return VolumeHeader((1, 1, 1), 1, np.eye(4), np.dtype(np.uint8))

    def read(self, path: Path, labels: bool) -> Stored:
        return Stored(Volume(np.zeros((1, 1, 1, 1)), np.eye(4)))


@pytest.mark.parametrize("kind", [*OWN_FORMATS, MASKS, DICOM], ids=lambda kind: kind.name)
def test_every_format_has_one_codec_which_writes_where_it_says_so(kind: VolumeFormat) -> None:
    codec = kind.codec()
    assert isinstance(codec, VolumeCodec)
    assert codec is kind.codec()
    own = type(codec).write_labels is not VolumeCodec.write_labels
    assert own or not kind.writes


def test_what_is_optional_is_refused_in_one_line(tmp_path: Path) -> None:
    path, labels = tmp_path / "a.raw", Volume(np.zeros((1, 1, 1, 1), np.uint8), np.eye(4))
    with pytest.raises(InputError, match="writes no labels"):
        Least().write_labels(path, labels, None, overwrite=False)
    with pytest.raises(InputError, match="does not change"):
        Least().set_place(path, np.eye(4))
    assert not path.exists()


@given(st.lists(st.integers(-(2**31), 2**31 - 1), min_size=1, max_size=9))
def test_labels_get_the_first_type_that_holds_them(ids: list[int]) -> None:
    labels = np.array(ids, np.int64)
    kind = label_dtype(labels, *TYPES)
    assert np.array_equal(labels.astype(kind), labels)
    for earlier in TYPES[: TYPES.index(kind.type)]:
        assert not np.array_equal(labels.astype(earlier), labels)


def test_labels_no_type_holds_are_named() -> None:
    with pytest.raises(InputError, match="labels run from -1 to 300; the format holds 0 to 255"):
        label_dtype(np.array([-1, 300]), np.uint8)


@pytest.mark.parametrize(("slope", "inter", "scaled"), [(1, 0, False), (2, 0, True), (1, 3, True)])
def test_stored_values_are_scaled_unless_they_mean_themselves(
    slope: float, inter: float, scaled: bool
) -> None:
    volume = Volume(np.zeros((1, 1, 1, 1)), np.eye(4))
    assert Stored(volume, slope, inter).scaled == scaled
