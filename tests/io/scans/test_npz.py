from __future__ import annotations

import io
import zipfile

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from volseg.errors import InputError
from volseg.geometry import PointCloud
from volseg.io import read, write


def archive(**arrays: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def test_everything_comes_back(tmp_path):
    import pyproj

    generator = np.random.default_rng(0)
    cloud = PointCloud(
        generator.normal(size=(40, 3)) * 1e6,
        {"features": generator.normal(size=(40, 7)), "label": np.arange(40, dtype=np.uint8)},
        generator.integers(-5, 5, 40),
        generator.random(40, dtype=np.float32),
        crs=pyproj.CRS.from_epsg(2263).to_wkt(),
        metres_per_unit=(1200 / 3937,) * 3,
    )
    write(tmp_path / "a.npz", cloud)
    back = read(tmp_path / "a.npz")
    assert np.array_equal(back.xyz, cloud.xyz)
    assert np.array_equal(back.labels, cloud.labels)
    for name, values in cloud.attributes.items():
        assert np.array_equal(back.attributes[name], values)
    assert np.array_equal(back.attributes["confidence"], cloud.confidence)
    assert back.metres_per_unit == pytest.approx(cloud.metres_per_unit)


def test_copy_changes_labels_only(tmp_path):
    source, copy = tmp_path / "a.npz", tmp_path / "b.npz"
    arrays = {
        "xyz": np.random.default_rng(0).normal(size=(9, 3)).astype(np.float32),
        "sem_class": np.arange(9, dtype=np.uint8),
        "weights": np.eye(4),
        "confidence": np.arange(9),
        "name": np.array("kept"),
    }
    source.write_bytes(archive(**arrays))
    cloud = read(source)
    assert np.array_equal(cloud.labels, arrays["sem_class"])
    new = cloud.labels[::-1].copy()
    write(copy, cloud.with_labels(new, np.full(9, 0.5)), like=source)
    with np.load(copy) as back:
        assert back["sem_class"].dtype == np.uint8
        assert np.array_equal(back["sem_class"], new)
        assert np.array_equal(back["confidence_predicted"], np.full(9, 0.5))
        for name in ("xyz", "weights", "confidence", "name"):
            assert np.array_equal(back[name], arrays[name])
            assert back[name].dtype == np.asarray(arrays[name]).dtype
    with pytest.raises(InputError, match="300"):
        write(tmp_path / "c.npz", cloud.with_labels(np.full(9, 300)), like=source)


def lying_array() -> bytes:
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        header, {"descr": "<f8", "fortran_order": False, "shape": (10**12, 3)}
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("xyz.npy", header.getvalue())
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "no NumPy archive"),
        (b"\x89PNG", "no NumPy archive"),
        (archive(xyz=np.zeros((5, 3)))[:-40], "no NumPy archive"),
        (archive(points=np.zeros((5, 3))), "no array 'xyz'.*points"),
        (archive(xyz=np.zeros((5, 2))), "no array 'xyz'"),
        (archive(xyz=np.array([[object()] * 3])), "objects"),
        (lying_array(), "larger than its bytes"),
    ],
)
def test_damaged_archives_are_refused(tmp_path, data, words):
    (tmp_path / "a.npz").write_bytes(data)
    with pytest.raises(InputError, match=words):
        read(tmp_path / "a.npz")


WHOLE = archive(xyz=np.zeros((5, 3)), label=np.zeros(5, np.uint8))


@given(
    flips=st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), max_size=5),
    length=st.integers(0, len(WHOLE)),
)
@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
def test_flipped_bits_raise_nothing_but_input_errors(tmp_path, flips, length):
    data = bytearray(WHOLE)
    for position, value in flips:
        data[position] = value
    (tmp_path / "a.npz").write_bytes(data[:length] if length % 2 else data)
    try:
        read(tmp_path / "a.npz")
    except InputError:
        return
    assert length % 2 == 0 or length == len(WHOLE)
