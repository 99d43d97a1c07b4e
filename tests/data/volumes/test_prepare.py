"""Preparing: the same image and labels however the file is turned, on a common scale."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from volseg.data.volumes.channel import Channel
from volseg.data.volumes.prepare import prepare_image, prepare_labels
from volseg.errors import InputError
from volseg.geometry import IGNORE, Orientation, Volume

CT = Channel("ct", clip=(-100, 300), mean=50, std=80)


def scan(*shape: int, spacing: tuple[float, ...] = (1, 1, 1), seed: int = 0) -> Volume:
    rng = np.random.default_rng(seed)
    return Volume(rng.normal(100, 50, shape), np.diag([*spacing, 1.0]))


class TestPrepareImage:
    def test_form(self) -> None:
        found = prepare_image(scan(2, 6, 5, 4, spacing=(1, 2, 1)), (2, 1, 1), [Channel()] * 2)
        assert found.shape == (2, 3, 10, 4)
        assert found.dtype == np.float32
        assert found.flags.c_contiguous

    def test_same_spacing_is_not_resampled(self) -> None:
        volume = scan(1, 600, 4, 4, spacing=(1.0009, 1, 0.9995))
        found = prepare_image(volume, (1, 1, 1), [Channel("none")])
        np.testing.assert_array_equal(found, volume.array.astype(np.float32))

    def test_normalised_before_resampled(self) -> None:
        volume = scan(1, 10, 10, 10)
        fine = prepare_image(volume, (1, 1, 1), [Channel()])
        coarse = prepare_image(volume, (2, 2, 2), [Channel()])
        again = prepare_image(Volume(fine, volume.affine), (2, 2, 2), [Channel("none")])
        np.testing.assert_array_equal(coarse, again)

    def test_slices_far_apart_are_not_blended(self) -> None:
        volume = scan(1, 4, 4, 3, spacing=(1, 1, 4))
        found = prepare_image(volume, (1, 1, 2), [Channel("none")])
        np.testing.assert_array_equal(found, volume.array.astype(np.float32).repeat(2, axis=3))

    def test_input_is_left_alone(self) -> None:
        volume = Volume(scan(1, 4, 4, 4).array.astype(np.float32), np.eye(4))
        before = volume.array.copy()
        prepare_image(volume, (1, 1, 1), [Channel()])
        np.testing.assert_array_equal(volume.array, before)

    @pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e300])
    def test_refuses_what_is_not_finite(self, value: float) -> None:
        volume = scan(2, 4, 4, 4)
        volume.array[1, 2, 3, 0] = value
        with pytest.raises(InputError, match=r"channel 1 has 1 voxels .*--fix"):
            prepare_image(volume, (1, 1, 1), [Channel(), CT])

    def test_refuses_another_number_of_channels(self) -> None:
        with pytest.raises(InputError, match="2 channels; wanted 1"):
            prepare_image(scan(2, 4, 4, 4), (1, 1, 1), [Channel()])

    def test_one_slice(self) -> None:
        assert prepare_image(scan(3, 8, 6, 1), (2, 2, 2), [Channel()] * 3).shape == (3, 4, 3, 1)

    @pytest.mark.parametrize("unit", [1000.0, 0.001])
    def test_another_unit_is_refused_before_memory_is_asked_for(self, unit: float) -> None:
        volume = scan(1, 30, 30, 30, spacing=(unit, unit, 2 * unit))
        with pytest.raises(InputError, match=f"its spacing is {unit:.4g} x .* wanted 1 x 1 x 2,"):
            prepare_image(volume, (1, 1, 2), [Channel()])


class TestHoweverTurned:
    @given(st.permutations(range(3)), st.tuples(*[st.booleans()] * 3), st.integers(0, 99))
    @settings(max_examples=30, deadline=None)
    def test_image_and_labels_are_the_same(
        self, axes: list[int], flips: tuple[bool, ...], seed: int
    ) -> None:
        volume = scan(1, 7, 6, 5, spacing=(0.8, 1, 3), seed=seed)
        labels = np.random.default_rng(seed).integers(-1, 4, volume.array.shape, dtype=np.int8)
        x, y, z = axes
        a, b, c = flips
        turn = Orientation((x, y, z), (a, b, c))
        turned = Volume(turn.apply(volume.array), turn.affine(volume.affine, volume.grid))
        to = (1.1, 0.9, 2.5)
        np.testing.assert_array_equal(
            prepare_image(turned, to, [Channel()]), prepare_image(volume, to, [Channel()])
        )
        np.testing.assert_array_equal(
            prepare_labels(turn.apply(labels)[0], turned.affine, to),
            prepare_labels(labels[0], volume.affine, to),
        )


class TestPrepareLabels:
    @given(
        st.tuples(*[st.integers(1, 9)] * 3),
        st.tuples(*[st.floats(0.5, 4)] * 3),
        st.tuples(*[st.floats(0.5, 4)] * 3),
    )
    @settings(max_examples=50, deadline=None)
    def test_on_the_grid_of_the_image(
        self, grid: tuple[int, ...], spacing: tuple[float, ...], target: tuple[float, ...]
    ) -> None:
        volume = scan(1, *grid, spacing=spacing)
        labels = np.random.default_rng(0).integers(0, 3, grid, dtype=np.uint8)
        found = prepare_labels(labels, volume.affine, target)
        assert found.shape == prepare_image(volume, target, [Channel()]).shape[1:]
        assert found.dtype == np.uint8
        assert np.isin(found, labels).all()

    def test_ignore_is_an_id_as_any_other(self) -> None:
        labels = np.zeros((8, 8, 8), np.int8)
        labels[:4] = IGNORE
        halved = prepare_labels(labels, np.eye(4), (2, 2, 2))
        np.testing.assert_array_equal(halved, labels[::2, ::2, ::2])

    def test_flags_one_by_one(self) -> None:
        rng = np.random.default_rng(0)
        flags = rng.integers(0, 2, (3, 9, 8, 7), dtype=np.int8)
        flags[:, :2] = IGNORE
        affine = np.diag([-1.0, 1, 2, 1])
        found = prepare_labels(flags, affine, (1.5, 1.5, 1.5))
        assert found.dtype == np.int8
        np.testing.assert_array_equal(
            found, [prepare_labels(one, affine, (1.5, 1.5, 1.5)) for one in flags]
        )
