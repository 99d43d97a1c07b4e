"""What labels bring along in LAS: their confidence, and what gave them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import laspy
import numpy as np
import pytest

from volseg._version import __version__
from volseg.errors import InputError
from volseg.geometry import PointCloud
from volseg.io import read, write
from volseg.io.scans import pieces
from volseg.io.scans.pieces import Pieces

COUNT = 90
OWN = np.linspace(0, 1, COUNT, dtype=np.float32)
NEW = np.linspace(1, 0.5, COUNT, dtype=np.float32)
LABELS = np.arange(COUNT) % 20


@pytest.fixture
def relabel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, Any]]:
    """Write a scan with some attributes, and label it anew, whole and in pieces."""

    def run(attributes: dict[str, Any], confidence: Any = None, suffix: str = ".las") -> Any:
        source, whole, parts = (tmp_path / f"{name}{suffix}" for name in "abc")
        for old in (source, whole, parts):
            old.unlink(missing_ok=True)
        write(source, PointCloud(np.random.default_rng(0).random((COUNT, 3)), attributes, LABELS))
        cloud = read(source)
        write(whole, cloud.with_labels(LABELS[::-1], confidence, by="a model"), like=source)
        monkeypatch.setattr(pieces, "PIECE", 40)

        def votes(rows: slice) -> Any:
            return LABELS[::-1][rows], None if confidence is None else confidence[rows], None

        Pieces(source, noise=True).relabel(parts, votes, highest=19, by="a model")
        assert suffix == ".npz" or whole.read_bytes() == parts.read_bytes()
        back = read(whole)
        np.testing.assert_array_equal(back.labels, LABELS[::-1])
        return dict(back.attributes)

    return run


@pytest.mark.parametrize("suffix", [".las", ".laz"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_confidence_of_labels_before_is_replaced_or_left_out(
    relabel: Callable[..., dict[str, Any]], dtype: Any, suffix: str
) -> None:
    between = {"width": np.arange(COUNT), "confidence": OWN.astype(dtype), "depth": OWN * 9}
    for confidence in (None, NEW):
        found = relabel(between, confidence, suffix)
        for name in ("width", "depth"):
            np.testing.assert_array_equal(found[name], between[name])
        assert ("confidence" in found) == (confidence is not None)
        assert "confidence_predicted" not in found
        if confidence is not None:
            np.testing.assert_array_equal(found["confidence"], NEW)


@pytest.mark.parametrize(
    "own", [np.arange(COUNT, dtype=np.uint8), np.arange(COUNT, dtype=np.float32)]
)
def test_a_confidence_that_is_a_measure_of_the_sensor_stays(
    relabel: Callable[..., dict[str, Any]], own: Any
) -> None:
    found = relabel({"confidence": own, "confidence_predicted": OWN}, NEW)
    np.testing.assert_array_equal(found["confidence"], own)
    np.testing.assert_array_equal(found["confidence_predicted"], NEW)


@pytest.mark.parametrize("suffix", [".ply", ".pcd", ".npz", ".csv"])
def test_other_formats_replace_it_or_make_it_nan(
    relabel: Callable[..., dict[str, Any]], suffix: str
) -> None:
    found = relabel({"confidence": OWN}, NEW, suffix)
    np.testing.assert_allclose(found["confidence"], NEW, atol=1e-6)
    assert "confidence_predicted" not in found
    found = relabel({"confidence": OWN}, None, suffix)
    assert np.isnan(found["confidence"]).all()


@pytest.mark.parametrize("suffix", [".las", ".laz"])
def test_another_format_gets_no_confidence_of_labels_before(tmp_path: Path, suffix: str) -> None:
    cloud = PointCloud(np.eye(3), {"confidence": OWN[:3]}, LABELS[:3])
    write(tmp_path / f"a{suffix}", cloud.with_labels(LABELS[:3]))
    assert "confidence" not in read(tmp_path / f"a{suffix}").attributes


def test_a_copy_of_the_same_labels_keeps_its_confidence(tmp_path: Path) -> None:
    write(tmp_path / "a.las", PointCloud(np.eye(3), {"confidence": OWN[:3]}, LABELS[:3]))
    write(tmp_path / "b.las", read(tmp_path / "a.las"), like=tmp_path / "a.las")
    assert (tmp_path / "b.las").read_bytes() == (tmp_path / "a.las").read_bytes()


@pytest.mark.parametrize("new", [False, True])
def test_a_file_says_once_what_gave_its_labels(
    make_las: Callable[..., Any], tmp_path: Path, new: bool
) -> None:
    (tmp_path / "0.las").write_bytes(make_las(6, vlrs=[(b"me", 1, b"body")]).to_bytes())
    for number, model in enumerate(("model first", "model zweites, größer")):
        source = tmp_path / f"{number}.las"
        cloud = read(source)
        labelled = cloud.with_labels(cloud.labels, by=model)
        write(tmp_path / f"{number + 1}.las", labelled, like=None if new else source)
    header = laspy.read(tmp_path / "2.las").header
    assert header.generating_software == f"volseg {__version__}"
    ours = [one.record_data_bytes().decode() for one in header.vlrs if one.user_id == "volseg"]
    assert ours == ["model zweites, größer"]
    assert new or header.vlrs[0].user_id == "me"


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
