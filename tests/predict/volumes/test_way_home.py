"""Segmenting what is in memory: what goes in comes out, and lies where it lay."""

from __future__ import annotations

from typing import Any

import nibabel as nib
import numpy as np
import pytest
from nibabel.orientations import axcodes2ornt, io_orientation, ornt_transform

from tests.predict.volumes.test_model import OBLIQUE, image, make
from volseg.errors import InputError
from volseg.geometry.volume import Volume


@pytest.mark.parametrize("shape", [(9, 8), (9, 8, 7), (1, 9, 8, 7)])
def test_one_call_segments_an_array(shape: tuple[int, ...]) -> None:
    array = np.random.default_rng(0).normal(size=shape)
    model = make(nd=2 if len(shape) == 2 else 3, spacing=(1.0, 1.0, 1.0))
    ids = model(array)
    assert ids.shape == shape[-3:] if len(shape) > 2 else shape
    whole = array.reshape(1, *shape, 1) if len(shape) == 2 else array.reshape(1, *shape[-3:])
    np.testing.assert_array_equal(
        ids.reshape(whole.shape[1:]), model.label(Volume(whole, np.eye(4)))
    )


def test_spacing_matters_and_other_shapes_are_refused() -> None:
    array = image((9, 8, 7)).array[0]
    assert (make()(array) != make()(array, spacing=(1, 1, 2))).any()
    for wrong in (array[:, 0, 0], array.astype(complex)):
        with pytest.raises(InputError, match=r"wanted real numbers \(H, W\)"):
            make()(wrong)
    for spacing in ((1, 1), (1, 0, 1), (-1, 1, 1), (1, 1, np.nan)):
        with pytest.raises(InputError, match="wanted 3 lengths above 0"):
            make()(array, spacing=spacing)
    np.testing.assert_array_equal(make()(array.tolist()), make()(array))


def turned(code: str) -> Any:
    """One image, its axes running as the code says."""
    plain = nib.Nifti1Image(image((9, 12, 7)).array[0], np.diag((1, 1, 2, 1.0)))
    return plain.as_reoriented(ornt_transform(io_orientation(plain.affine), axcodes2ornt(code)))


@pytest.mark.parametrize("code", ["LPS", "SAR", "PIR"])
def test_an_affine_says_where_the_axes_of_an_array_run(code: str) -> None:
    model, plain, other = make(), turned("RAS"), turned(code)
    wanted = model(np.asarray(plain.dataobj), (1, 1, 2))
    ids = model(np.asarray(other.dataobj), affine=other.affine)
    back = nib.Nifti1Image(ids.astype(np.int16), other.affine)
    back = back.as_reoriented(ornt_transform(axcodes2ornt(code), axcodes2ornt("RAS")))
    np.testing.assert_array_equal(np.asarray(back.dataobj), wanted)
    without = model(np.asarray(other.dataobj), spacing=other.header.get_zooms())
    assert (without != ids).any()


@pytest.mark.parametrize("kind", [nib.Nifti1Image, nib.Nifti2Image, nib.MGHImage])
def test_an_image_of_nibabels_gives_one_in_its_place(kind: Any) -> None:
    volume = image((9, 12, 7), OBLIQUE.astype(np.float32).astype(np.float64))
    given = kind(volume.array[0], volume.affine)
    if kind is not nib.MGHImage:
        given.set_sform(volume.affine, 4)
        given.header["descrip"], given.header["cal_max"] = b"of a scanner", 50
    made = make()(given)
    assert type(made) is kind
    np.testing.assert_array_equal(np.asarray(made.dataobj), make().label(volume))
    np.testing.assert_array_equal(made.affine, given.affine)
    if kind is not nib.MGHImage:
        assert (int(made.header["sform_code"]), made.header["cal_max"]) == (4, 0)
        assert made.header["descrip"] == b"of a scanner"
        assert given.header["cal_max"] == 50


def test_channels_units_and_contradictions_of_nibabels_images_are_those_of_files() -> None:
    volume = image((9, 12, 7), channels=2)
    given = nib.Nifti1Image(np.moveaxis(volume.array, 0, -1), None)
    given.set_qform(np.diag((1000, 1000, 2000, 1)), 1)
    given.set_sform(np.diag((1, 1, 1, 1)), 1)
    given.header.set_xyzt_units("micron")
    made = make(channels=2)(given)
    np.testing.assert_array_equal(np.asarray(made.dataobj), make(channels=2).label(volume))
    assert made.header.get_xyzt_units()[0] == "micron"
    np.testing.assert_array_equal(made.get_qform(), given.get_qform())


def test_a_volume_gives_a_volume() -> None:
    volume = image((9, 12, 7), OBLIQUE)
    made = make()(volume)
    assert isinstance(made, Volume)
    np.testing.assert_array_equal(made.array[0], make().label(volume))
    np.testing.assert_array_equal(made.affine, OBLIQUE)


def test_what_does_not_go_together_is_refused() -> None:
    array = image((9, 12, 7)).array[0]
    with pytest.raises(InputError, match="spacing and affine are both given"):
        make()(array, (1, 1, 2), affine=np.eye(4))
    for given in (Volume(array[None], np.eye(4)), nib.Nifti1Image(array, np.eye(4))):
        with pytest.raises(InputError, match="this image has its own"):
            make()(given, affine=np.eye(4))  # type: ignore[call-overload]
    with pytest.raises(InputError, match="affine is not a matrix"):
        make()(array, affine=np.eye(3))
    with pytest.raises(InputError, match="8 x 8 x 8 mm and the model's 1 x 1 x 2"):
        make()(array, (8, 8, 8))
