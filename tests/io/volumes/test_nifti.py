"""NIfTI and MGH, with nibabel's own reading as the oracle."""

from __future__ import annotations

import gzip
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from volseg.errors import InputError
from volseg.io import (
    read_label_volume,
    read_volume,
    read_volume_header,
    write_label_volume,
)

# An oblique grid of uneven spacing, its axes out of order, in float32 as headers hold it.
OBLIQUE = np.array(
    [[0.1, -1.9, 0.3, 7.25], [0.05, 0.2, 3.1, -90.5], [0.6, 0.1, -0.2, 33.125], [0, 0, 0, 1]],
    np.float32,
).astype(np.float64)
RANDOM = np.random.default_rng(0)


def save(path, array, affine=OBLIQUE, kind=nib.Nifti1Image, **fields):
    image = kind(array, affine)
    for name, value in fields.items():
        image.header[name] = value
    nib.save(image, path)
    return path


@pytest.fixture(params=[nib.Nifti1Image, nib.Nifti2Image, nib.MGHImage])
def rich(request, tmp_path):
    """A file whose header says more than it must."""
    kind = request.param
    image = kind(RANDOM.integers(-50, 50, (4, 5, 6, 3)).astype(np.int16), OBLIQUE)
    if kind is nib.MGHImage:
        image.header["tr"], image.header["te"] = 2300, 3.5
        nib.save(image, tmp_path / "rich.mgz")
        return tmp_path / "rich.mgz"
    image.set_qform(OBLIQUE, 1)
    image.set_sform(OBLIQUE, 4)
    image.header.set_xyzt_units("mm", "sec")
    image.header.set_intent("t test", (3,))
    image.header["descrip"], image.header["cal_max"] = b"a description", 99
    image.header["pixdim"][4] = 2.5
    image.header.extensions.append(nib.nifti1.Nifti1Extension("comment", b"said before"))
    nib.save(image, tmp_path / "rich.nii.gz")
    return tmp_path / "rich.nii.gz"


@pytest.mark.parametrize("shape", [(4, 5), (4, 5, 6), (4, 5, 6, 2), (4, 5, 6, 1, 3), (4,)])
@pytest.mark.parametrize("dtype", ["u1", "<i2", ">i2", "u4", ">f4", "f8"])
def test_voxels_and_affine_are_nibabels(tmp_path, shape, dtype):
    array = (RANDOM.random(shape) * 200).astype(dtype)
    header = nib.Nifti1Header(endianness=">" if dtype.startswith(">") else "<")
    header.set_data_dtype(dtype)
    nib.save(nib.Nifti1Image(array, OBLIQUE, header), tmp_path / "a.nii")
    volume, told = read_volume(tmp_path / "a.nii"), read_volume_header(tmp_path / "a.nii")
    x, y, z, *rest = (*shape, 1, 1)[: max(3, len(shape))]
    wanted = array.reshape(x, y, z, -1) if rest else array.reshape(x, y, z, 1)
    assert volume.array.dtype == np.float32
    assert volume.array.dtype.isnative
    assert np.array_equal(volume.array, np.moveaxis(wanted, 3, 0).astype(np.float32))
    assert np.array_equal(volume.affine, nib.load(tmp_path / "a.nii").affine)
    assert (told.grid, told.channels) == (volume.grid, len(volume.array))
    assert np.array_equal(told.affine, volume.affine)
    assert told.dtype == np.dtype(dtype).newbyteorder("=")


def test_slope_and_intercept_are_applied(tmp_path):
    array = RANDOM.integers(-3000, 3000, (4, 5, 6)).astype(np.int16)
    path = save(tmp_path / "a.nii.gz", array)
    raw = bytearray(gzip.decompress(path.read_bytes()))
    raw[112:120] = np.array([0.37, -1024.5], "<f4").tobytes()
    path.write_bytes(gzip.compress(raw))
    wanted = nib.load(path).get_fdata()
    assert wanted.max() < 500
    assert np.array_equal(read_volume(path).array[0], wanted.astype(np.float32))


def test_rgb_gives_three_channels(tmp_path):
    colours = RANDOM.integers(0, 256, (3, 4, 5, 6)).astype(np.uint8)
    array = np.empty((4, 5, 6), [("R", "u1"), ("G", "u1"), ("B", "u1")])
    for name, channel in zip("RGB", colours, strict=True):
        array[name] = channel
    path = save(tmp_path / "a.nii", array)
    assert np.array_equal(read_volume(path).array, colours)
    assert read_volume_header(path).channels == 3


@pytest.mark.parametrize("top", [1, 255, 256, 40_000, 70_000, -5])
def test_labels_round_trip_on_a_header_that_is_kept(rich, top):
    image = nib.load(rich)
    labels = RANDOM.integers(0, 2, image.shape[:3]) * top
    out = rich.with_name("out" + rich.name.removeprefix("rich"))
    write_label_volume(out, labels, like=rich)
    again, written = read_label_volume(out), nib.load(out)
    assert np.array_equal(again.array[0], labels)
    assert np.array_equal(again.affine, read_volume(rich).affine)
    assert type(written) is type(image)
    assert written.shape == image.shape[:3]
    assert np.array_equal(written.affine, image.affine)
    assert np.array_equal(np.asarray(written.dataobj), labels)
    if type(image) is nib.MGHImage:
        assert (written.header["tr"], written.header["te"]) == (2300, 3.5)
        return
    for get in ("get_qform", "get_sform"):
        (mine, code), (theirs, other) = (getattr(one, get)(coded=True) for one in (written, image))
        assert code == other
        assert np.array_equal(mine, theirs)
    for field in ("xyzt_units", "descrip"):
        assert written.header[field] == image.header[field]
    assert written.header.extensions == image.header.extensions
    assert written.header.get_intent()[0] == "none"
    assert (written.header["cal_max"], written.dataobj.slope, written.dataobj.inter) == (0, 1, 0)
    assert written.get_data_dtype().itemsize == {1: 1, 255: 1, 70_000: 4}.get(top, 2)


@settings(max_examples=40, deadline=None)
@given(
    order=st.permutations((0, 1, 2)),
    signs=st.tuples(*[st.sampled_from((-1, 1))] * 3),
    spacing=st.tuples(*[st.floats(0.1, 9)] * 3),
    codes=st.sampled_from(((0, 0), (1, 0), (0, 2), (1, 4))),
    suffix=st.sampled_from((".nii", ".nii.gz")),
)
def test_a_label_map_opens_on_its_image(tmp_path_factory, order, signs, spacing, codes, suffix):
    folder = tmp_path_factory.mktemp("pair")
    affine = np.eye(4)
    affine[:3, :3] = np.eye(3)[:, order] * np.multiply(signs, spacing)
    affine[:3, 3] = (5, -60, 7)
    image = nib.Nifti1Image(np.zeros((2, 3, 4), np.float32), affine)
    image.set_qform(affine, codes[0])
    image.set_sform(affine, codes[1])
    like, out = folder / f"image{suffix}", folder / f"labels{suffix}"
    nib.save(image, like)
    labels = RANDOM.integers(0, 9, (2, 3, 4))
    write_label_volume(out, labels, like=like)
    assert np.array_equal(nib.load(out).affine, nib.load(like).affine)
    assert np.array_equal(read_label_volume(out).array[0], labels)


def test_two_runs_give_the_same_bytes(tmp_path):
    like = save(tmp_path / "a.nii.gz", np.zeros((4, 5, 6), np.uint8))
    for name in ("one.nii.gz", "two.nii.gz"):
        write_label_volume(tmp_path / name, np.ones((4, 5, 6), np.uint8), like=like)
    assert (tmp_path / "one.nii.gz").read_bytes() == (tmp_path / "two.nii.gz").read_bytes()
    assert (tmp_path / "one.nii.gz").read_bytes()[4:8] == bytes(4)  # no time


class TestLabels:
    def test_floats_and_scaled_integers_that_are_whole_are_exact(self, tmp_path):
        ids = RANDOM.integers(-20, 2000, (4, 5, 6))
        path = save(tmp_path / "a.nii", ids.astype(np.float32))
        assert np.array_equal(read_label_volume(path).array[0], ids)
        image = nib.Nifti1Image((ids * 10).astype(np.int16), OBLIQUE)
        image.header.set_slope_inter(0.1, 0)
        raw = bytearray(image.to_bytes())
        raw[112:120] = np.array([0.1, 0], "<f4").tobytes()
        path.write_bytes(raw)
        assert nib.load(path).dataobj.slope == np.float32(0.1)
        again = read_label_volume(path).array
        assert again.dtype.kind == "i"
        assert np.array_equal(again[0], ids)

    @pytest.mark.parametrize("value", [1.5, np.nan, np.inf, 1e12])
    def test_a_value_that_is_no_label_is_named(self, tmp_path, value):
        array = np.ones((4, 5, 6))
        array[1, 2, 3] = value
        path = save(tmp_path / "a.nii", array)
        with pytest.raises(
            InputError, match=rf"a\.nii: holds the value {value:g}".replace("+", r"\+")
        ):
            read_label_volume(path)

    def test_several_channels_are_refused(self, tmp_path):
        path = save(
            tmp_path / "a.nii",
            np.random.default_rng(0).integers(0, 9, (4, 5, 6, 2)).astype(np.uint8),
        )
        with pytest.raises(InputError, match=r"holds 2 channels.*, a label map has one"):
            read_label_volume(path)


class TestDamage:
    def test_dimensions_beyond_the_file_are_refused_without_memory(self, tmp_path):
        path = save(tmp_path / "a.nii", np.zeros((4, 5, 6), np.uint8))
        raw = bytearray(path.read_bytes())
        raw[40:56] = np.array([5, 30000, 30000, 30000, 1, 30000, 1, 1], "<i2").tobytes()
        for name, content in (("a.nii", raw), ("a.nii.gz", gzip.compress(raw))):
            (tmp_path / name).write_bytes(content)
            for reading in (read_volume_header, read_volume, read_label_volume):
                with pytest.raises(InputError, match="promises 810,000,000,000,000,352 bytes"):
                    reading(tmp_path / name)

    @pytest.mark.parametrize("suffix", [".nii", ".nii.gz", ".mgz", ".mgh"])
    def test_a_cut_file_is_told_in_one_line(self, tmp_path, suffix):
        kind = nib.MGHImage if ".m" in suffix else nib.Nifti1Image
        noise = RANDOM.integers(0, 255, (9, 9, 9)).astype(np.uint8)
        content = save(tmp_path / f"a{suffix}", noise, kind=kind).read_bytes()
        for cut in (0, 3, 100, 400, len(content) - 40):
            (tmp_path / f"a{suffix}").write_bytes(content[:cut])
            with pytest.raises(InputError) as caught:
                read_volume(tmp_path / f"a{suffix}")
            assert "cut short" in str(caught.value)
            assert "\n" not in str(caught.value)

    @settings(max_examples=150, deadline=None)
    @given(st.data())
    def test_no_header_is_worse_than_an_input_error(self, tmp_path_factory, data):
        path = tmp_path_factory.mktemp("fuzz") / data.draw(st.sampled_from(("a.nii", "a.mgh")))
        kind = nib.MGHImage if path.suffix == ".mgh" else nib.Nifti1Image
        raw = bytearray(save(path, np.ones((2, 3, 4), np.uint8), kind=kind).read_bytes())
        for _ in range(data.draw(st.integers(1, 4))):
            place = data.draw(st.integers(0, 347))
            part = data.draw(st.binary(min_size=1, max_size=8))
            raw[place : place + len(part)] = part
        path.write_bytes(raw)
        try:
            volume = read_volume(path)
        except InputError:
            return
        out = path.with_name("out" + path.suffix)
        write_label_volume(out, np.zeros(volume.grid, np.uint8), like=path)
        assert np.array_equal(read_label_volume(out).affine, volume.affine)

    @pytest.mark.parametrize("content", [b"nothing of the kind" * 40, bytes(1000)])
    def test_another_kind_of_file(self, tmp_path, content):
        for name, message in (("a.nii", "is no NIfTI file"), ("a.mgh", "is no MGH file")):
            (tmp_path / name).write_bytes(content)
            with pytest.raises(InputError, match=message):
                read_volume(tmp_path / name)

    def test_complex_values_and_two_extra_axes_are_refused(self, tmp_path):
        path = save(tmp_path / "a.nii", np.zeros((2, 3, 4), np.complex64))
        with pytest.raises(InputError, match="complex64 values, wanted real numbers"):
            read_volume(path)
        path = save(tmp_path / "a.nii", np.zeros((2, 3, 4, 2, 2), np.uint8))
        with pytest.raises(InputError, match="one of channels"):
            read_volume(path)


@pytest.mark.parametrize(
    "name", ["example4d.nii.gz", "example_nifti2.nii.gz", "anatomical.nii", "functional.nii",
             "standard.nii.gz", "test.mgz"],
)  # fmt: skip
def test_nibabels_own_files(name):
    path = Path(nib.__file__).parent / "tests" / "data" / name
    if not path.is_file():
        pytest.skip("nibabel was installed without its test files")
    image, volume = nib.load(path), read_volume(path)
    wanted = image.get_fdata(dtype=np.float32)
    wanted = np.moveaxis(wanted, 3, 0) if wanted.ndim == 4 else wanted[None]
    assert np.array_equal(volume.array, wanted)
    assert np.array_equal(volume.affine, image.affine)


def test_real_files(shared_data):
    for path in sorted((shared_data / "mri").rglob("*.nii.gz"))[::9]:
        image, volume = nib.load(path), read_volume(path)
        assert np.array_equal(volume.array[0], image.get_fdata(dtype=np.float32))
        assert np.array_equal(volume.affine, image.affine)
    for path in sorted((shared_data / "mri").rglob("labelsTr/*.nii.gz"))[::9]:
        assert set(np.unique(read_label_volume(path).array)) == {0, 1, 2}
