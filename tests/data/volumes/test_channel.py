"""Intensities of a channel on a common scale."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from volseg.data.volumes.channel import Channel
from volseg.data.volumes.prepare import prepare_image
from volseg.errors import InputError
from volseg.geometry import Volume

CT = Channel("ct", clip=(-100, 300), mean=50, std=80)


def scan(*shape: int, spacing: tuple[float, ...] = (1, 1, 1), seed: int = 0) -> Volume:
    rng = np.random.default_rng(seed)
    return Volume(rng.normal(100, 50, shape), np.diag([*spacing, 1.0]))


def normalised(values: Any, channel: Channel) -> NDArray[np.float32]:
    array = np.asarray(values, dtype=float).reshape(1, -1, 1, 1)
    return prepare_image(Volume(array, np.eye(4)), (1, 1, 1), [channel]).ravel()


class TestChannel:
    def test_zscore(self) -> None:
        array = scan(2, 9, 8, 7)
        found = prepare_image(array, (1, 1, 1), [Channel()] * 2)
        wanted = [(one - one.mean()) / one.std() for one in array.array]
        np.testing.assert_allclose(found, wanted, atol=1e-5)

    def test_zscore_of_large_numbers(self) -> None:
        found = normalised(1e6 + np.arange(1000) % 7, Channel())
        assert found.mean() == pytest.approx(0, abs=0.02)  # float32 has 16 numbers a unit there
        assert found.std() == pytest.approx(1, abs=1e-3)

    @pytest.mark.parametrize("value", [0, 3.7, -1e6])
    @pytest.mark.parametrize("normalize", ["zscore", "nonzero"])
    def test_constant_becomes_zero(self, value: float, normalize: Any) -> None:
        np.testing.assert_array_equal(normalised([value] * 1000, Channel(normalize)), 0)

    def test_nonzero_leaves_zeros(self) -> None:
        found = normalised([0, 0, 0, 10, 30, 0], Channel("nonzero"))
        np.testing.assert_allclose(found, [0, 0, 0, -1, 1, 0])

    def test_ct(self) -> None:
        np.testing.assert_allclose(
            normalised([-1000, -100, 50, 130, 3000], CT), [-1.875, -1.875, 0, 1, 3.125]
        )

    def test_none(self) -> None:
        np.testing.assert_array_equal(normalised([-3, 7, 0.5], Channel("none")), [-3, 7, 0.5])

    @pytest.mark.parametrize(
        "options",
        [
            {"normalize": "ct"},
            {"normalize": "ct", "clip": (0, 1), "mean": 0.0},
            {"normalize": "zscore", "mean": 0.0},
            {"normalize": "none", "clip": (0, 1), "mean": 0.0, "std": 1.0},
            {"normalize": "ct", "clip": (1, 0), "mean": 0.0, "std": 1.0},
            {"normalize": "ct", "clip": (0, 1), "mean": 0.0, "std": 0.0},
            {"normalize": "ct", "clip": (0, 1), "mean": 0.0, "std": float("nan")},
        ],
    )
    def test_refuses_numbers_that_do_not_fit(self, options: dict[str, Any]) -> None:
        with pytest.raises(InputError, match=r"clip, mean and std go|wanted"):
            Channel(**options)
