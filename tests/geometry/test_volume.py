"""Volumes: axes turned towards right, anterior, superior, and back, in place in the world."""

from __future__ import annotations

from typing import Any

import nibabel as nib
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from volseg.errors import InputError
from volseg.geometry import Orientation, Volume


@st.composite
def volumes(draw: st.DrawFn, tilt: float = 40) -> Volume:
    """Any axes, flips and spacing, oblique by up to so many degrees, far from the origin."""
    C, X, Y, Z = (draw(st.integers(1, 5)) for _ in range(4))
    axes = draw(st.permutations(range(3)))
    signs = draw(st.tuples(*[st.sampled_from([-1, 1])] * 3))
    spacing = draw(st.tuples(*[st.floats(0.1, 10)] * 3))
    angles = draw(st.tuples(*[st.floats(-tilt / 3, tilt / 3)] * 3))
    affine = np.eye(4)
    affine[:3, :3] = Rotation.from_euler("xyz", angles, degrees=True).as_matrix()
    affine[:3, :3] = affine[:3, :3] @ np.eye(3)[:, axes] @ np.diag(np.multiply(signs, spacing))
    affine[:3, 3] = draw(st.tuples(*[st.floats(-500, 500)] * 3))
    return Volume(np.arange(C * X * Y * Z).reshape(C, X, Y, Z), affine)


def world(volume: Volume) -> NDArray[np.float64]:
    """Where each voxel of the first channel lies, (N, 3), in order of their values."""
    index = np.argwhere(volume.array[0] >= 0)
    order = volume.array[0].reshape(-1).argsort()
    return np.asarray(index[order] @ volume.affine[:3, :3].T + volume.affine[:3, 3])


class TestCanonical:
    @given(volumes())
    @settings(deadline=None)
    def test_voxels_stay_in_place(self, volume: Volume) -> None:
        np.testing.assert_allclose(world(volume.canonical()), world(volume), atol=1e-9)

    @given(volumes())
    @settings(deadline=None)
    def test_axes_run_right_anterior_superior(self, volume: Volume) -> None:
        upright = volume.canonical()
        assert nib.orientations.aff2axcodes(upright.affine) == ("R", "A", "S")
        directions = upright.affine[:3, :3] / upright.spacing
        assert (np.diag(directions) > 0.5).all()

    @given(volumes())
    @settings(deadline=None)
    def test_agrees_with_nibabel(self, volume: Volume) -> None:
        image = nib.Nifti1Image(volume.array[0].astype(np.int32), volume.affine)
        wanted: Any = nib.as_closest_canonical(image)
        np.testing.assert_array_equal(volume.canonical().array[0], np.asarray(wanted.dataobj))
        np.testing.assert_allclose(volume.canonical().affine, wanted.affine, atol=1e-9)

    @given(volumes())
    @settings(deadline=None)
    def test_twice_is_once(self, volume: Volume) -> None:
        once = volume.canonical()
        np.testing.assert_array_equal(once.canonical().array, once.array)
        np.testing.assert_array_equal(once.canonical().affine, once.affine)

    @given(volumes(), st.permutations(range(3)), st.tuples(*[st.booleans()] * 3))
    @settings(deadline=None)
    def test_is_the_same_however_the_file_is_turned(
        self, volume: Volume, axes: list[int], flips: tuple[bool, ...]
    ) -> None:
        x, y, z = axes
        a, b, c = flips
        turn = Orientation((x, y, z), (a, b, c))
        turned = Volume(turn.apply(volume.array), turn.affine(volume.affine, volume.grid))
        np.testing.assert_array_equal(turned.canonical().array, volume.canonical().array)
        np.testing.assert_allclose(turned.canonical().affine, volume.canonical().affine, atol=1e-9)

    def test_is_a_view(self) -> None:
        volume = Volume(np.zeros((1, 2, 3, 4)), np.diag([-1.0, 1, 1, 1]))
        assert np.shares_memory(volume.canonical().array, volume.array)

    def test_spacing_follows_its_axis(self) -> None:
        affine = np.zeros((4, 4))
        affine[0, 2], affine[1, 0], affine[2, 1], affine[3, 3] = -4, 0.5, 1, 1
        volume = Volume(np.zeros((1, 2, 3, 5)), affine)
        np.testing.assert_array_equal(volume.spacing, [0.5, 1, 4])
        assert volume.canonical().grid == (5, 2, 3)
        np.testing.assert_array_equal(volume.canonical().spacing, [4, 0.5, 1])


class TestOrientation:
    @given(volumes())
    @settings(deadline=None)
    def test_undo_is_the_way_back(self, volume: Volume) -> None:
        orientation = Orientation.of(volume.affine)
        back = orientation.undo(orientation.apply(volume.array))
        np.testing.assert_array_equal(back, volume.array)

    def test_an_image_without_a_place_stays(self) -> None:
        assert Orientation.of(np.eye(4)) == Orientation((0, 1, 2), (False,) * 3)


class TestRefused:
    @pytest.mark.parametrize(
        ("affine", "says"),
        [
            (np.zeros((4, 4)), "ends in 0 0 0 1"),
            (np.diag([1.0, 1, np.nan, 1]), "finite"),
            (np.diag([1.0, 1, np.inf, 1]), "finite"),
            (np.eye(3), "4 x 4"),
            (np.diag([0.0, 0, 0, 1]), "singular"),
            (np.diag([1.0, 1, 0, 1]), "singular"),
            (np.diag([1.0, 1, 1e-9, 1]), "singular"),
        ],
    )
    def test_affine(self, affine: NDArray[np.float64], says: str) -> None:
        with pytest.raises(InputError, match=says):
            Volume(np.zeros((1, 2, 2, 2)), affine)

    def test_parallel_axes(self) -> None:
        affine = np.eye(4)
        affine[:3, 1] = affine[:3, 0]
        with pytest.raises(InputError, match="singular"):
            Volume(np.zeros((1, 2, 2, 2)), affine)

    @pytest.mark.parametrize("shape", [(2, 2, 2), (1, 2, 0, 2), (0, 2, 2, 2), (1, 1, 2, 2, 2)])
    def test_array(self, shape: tuple[int, ...]) -> None:
        with pytest.raises(InputError, match="wanted"):
            Volume(np.zeros(shape), np.eye(4))
