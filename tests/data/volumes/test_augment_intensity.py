"""Changes of values: published operators as oracles, chances, and channels on their own."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter
from torch import Tensor

from volseg.data.volumes.augment_intensity import (
    IntensityAugmentation,
    add_noise,
    bend,
    blur,
    coarsen,
    stretch,
)

KINDS = ("noise", "blur", "brightness", "contrast", "low_resolution", "gamma")


def images(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def changed(x: Tensor, seed: int = 0, **chances: float) -> Tensor:
    return IntensityAugmentation(**chances)(x, np.random.default_rng(seed))


class TestBatches:
    def test_no_chance_no_change(self) -> None:
        x = images(2, 3, 4, 5, 6)
        out = changed(x)
        assert torch.equal(out, x)
        assert out.data_ptr() != x.data_ptr()

    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize("grid", [(20, 30, 25), (40, 50)])
    def test_changes_every_channel_its_own_way(self, kind: str, grid: tuple[int, ...]) -> None:
        one = images(*grid)
        x = one.expand(3, 2, *grid)
        out = changed(x, 1, **{kind: 1})
        assert torch.isfinite(out).all()
        parts = [out[0, 0], out[0, 1], out[1, 0], out[2, 1], one]
        for number, part in enumerate(parts):
            assert not any(torch.equal(part, other) for other in parts[:number])
        assert torch.equal(out, changed(x, 1, **{kind: 1}))
        assert not torch.equal(out, changed(x, 2, **{kind: 1}))

    @pytest.mark.parametrize("kind", KINDS)
    def test_share_of_changed_samples_is_the_chance(self, kind: str) -> None:
        x = images(600, 2, 50, 3)
        out = changed(x, **{kind: 0.2})
        altered = (out != x).flatten(1).any(dim=1)
        assert altered.float().mean() == pytest.approx(0.2, abs=0.05)

    @pytest.mark.parametrize("kind", KINDS)
    def test_an_even_image_or_a_single_voxel_stays_finite(self, kind: str) -> None:
        for x in (torch.full((1, 1, 4, 4, 1), 2.5), torch.full((1, 1, 1, 1), -3.0)):
            assert torch.isfinite(changed(x, **{kind: 1})).all()


class TestOperators:
    @pytest.mark.parametrize("sigma", [0.5, 0.8, 1.0])
    @pytest.mark.parametrize("grid", [(9, 11), (5, 9, 11), (1, 6, 2)])
    def test_blur_is_scipys(self, sigma: float, grid: tuple[int, ...]) -> None:
        x = images(*grid)
        wanted = gaussian_filter(x.numpy(), sigma, mode="nearest", radius=3)
        np.testing.assert_allclose(blur(x, sigma).numpy(), wanted, atol=1e-5)

    def test_noise_has_its_variance(self) -> None:
        x = torch.zeros(40, 40, 40)
        noise = add_noise(x, 0.09, np.random.default_rng(0))
        assert noise.std() == pytest.approx(0.3, rel=0.02)
        assert noise.mean() == pytest.approx(0.0, abs=0.01)

    def test_stretch(self) -> None:
        x = torch.tensor([-2.0, -1.0, 0.0, 1.0, 2.0])
        assert stretch(x, 0.5).tolist() == [-1, -0.5, 0, 0.5, 1]
        assert stretch(x, 2.0).tolist() == [-2, -2, 0, 2, 2]

    def test_full_resolution_is_the_image(self) -> None:
        x = images(6, 7, 8)
        assert torch.equal(coarsen(x, 1.0), x)

    def test_half_resolution_of_pairs_keeps_flat_parts(self) -> None:
        x = torch.arange(4.0).repeat_interleave(8).expand(8, 32)
        out = coarsen(x, 0.5)
        assert torch.equal(out[:, 3:5], x[:, 3:5])
        assert out.std() < x.std()

    def test_thick_slices_are_not_mixed(self) -> None:
        x = torch.arange(4.0).expand(20, 20, 4)
        assert torch.equal(coarsen(x, 0.5), x)

    @pytest.mark.parametrize("negative", [False, True])
    @pytest.mark.parametrize("exponent", [0.7, 1.0, 1.5])
    def test_bending_keeps_order_mean_and_deviation(self, exponent: float, negative: bool) -> None:
        x = images(8, 9, 10)
        out = bend(x, exponent, negative=negative)
        torch.testing.assert_close(out.mean(), x.mean(), atol=1e-5, rtol=0)
        torch.testing.assert_close(out.std(), x.std())
        order = x.flatten().argsort()
        assert (out.flatten()[order].diff() >= 0).all()
        assert torch.allclose(out, x, atol=1e-5) == (exponent == 1.0)

    def test_bending_the_negative_mirrors_bending(self) -> None:
        x = images(5, 5)
        torch.testing.assert_close(bend(x, 1.4, negative=True), -bend(-x, 1.4))
