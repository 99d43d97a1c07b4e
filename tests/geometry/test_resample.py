"""Resampling: oracles and exact symmetries."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from torch import Tensor
from torch.nn import functional as F

from volseg.errors import InputError
from volseg.geometry.resample import (
    Kind,
    coarse_axis,
    kinds_for,
    resample,
    resampled_grid,
    taps,
)

GRIDS = st.tuples(*[st.integers(1, 12)] * 3)
SMOOTH = st.sampled_from(["linear", "cubic"])
KINDS = st.sampled_from(["nearest", "linear", "cubic"])


def noise(*shape: int, seed: int = 0) -> Tensor:
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed))


def along(values: Tensor, cells: int, kind: Kind) -> Tensor:
    """A line (n,) resampled to so many cells."""
    return resample(values.view(1, -1, 1, 1), (cells, 1, 1), (kind,) * 3).view(-1)


class TestGrids:
    @pytest.mark.parametrize(
        ("spacing", "axis"),
        [
            ((1, 1, 1), None), ((0.6, 0.6, 3.6), 2), ((1, 1, 3), None), ((1, 1, 3.01), 2),
            ((5, 1, 1), 0), ((0.24, 1.25, 1.25), None),  # two coarse axes
        ],
    )  # fmt: skip
    def test_coarse_axis(self, spacing: tuple[float, ...], axis: int | None) -> None:
        assert coarse_axis(spacing) == axis

    def test_kinds(self) -> None:
        assert kinds_for((1, 1, 1), (2, 2, 2), image=True) == ("cubic",) * 3
        assert kinds_for((1, 1, 1), (2, 2, 2), image=False) == ("linear",) * 3
        assert kinds_for((1, 4, 1), (1, 1, 1), image=True) == ("cubic", "nearest", "cubic")
        assert kinds_for((1, 1, 1), (1, 1, 4), image=False) == ("linear", "linear", "nearest")

    def test_resampled_grid(self) -> None:
        assert resampled_grid((320, 320, 20), (0.6, 0.6, 3.6), (0.625, 0.625, 3.6)) == (
            307,
            307,
            20,
        )
        assert resampled_grid((10, 3, 1), (1, 1, 1), (2, 8, 8)) == (5, 1, 1)

    def test_nearly_the_same_spacing_keeps_the_cells(self) -> None:
        assert resampled_grid((2000,) * 3, (1.0009, 1.002, 1), (1, 1, 1)) == (2000, 2004, 2000)


class TestTaps:
    @given(st.integers(1, 40), st.integers(1, 40), KINDS)
    @settings(deadline=None)
    def test_weights_sum_to_one_inside_the_line(self, old: int, new: int, kind: Kind) -> None:
        index, weight = taps(old, new, kind)
        assert index.shape == weight.shape
        assert len(index) == new
        assert index.dtype == torch.int64
        assert weight.dtype == torch.float32
        assert 0 <= int(index.min()) <= int(index.max()) < old
        torch.testing.assert_close(weight.sum(1), torch.ones(new), rtol=0, atol=1e-6)

    @given(st.integers(1, 20), st.integers(1, 20), KINDS)
    @settings(deadline=None)
    def test_make_the_result_row_by_row(self, old: int, new: int, kind: Kind) -> None:
        line = noise(old)
        index, weight = taps(old, new, kind)
        torch.testing.assert_close((weight * line[index]).sum(1), along(line, new, kind))

    def test_no_cells_refused(self) -> None:
        with pytest.raises(InputError, match="wanted 1 or more"):
            taps(4, 0, "linear")


class TestOracles:
    @given(GRIDS, GRIDS, st.integers(0, 99))
    @settings(max_examples=50, deadline=None)
    def test_linear_enlarges_as_torch_does(
        self, old: tuple[int, ...], more: tuple[int, ...], seed: int
    ) -> None:
        grid = tuple(a + b - 1 for a, b in zip(old, more, strict=True))
        x = noise(2, *old, seed=seed)
        wanted = F.interpolate(x[None], grid, mode="trilinear", align_corners=False)[0]
        torch.testing.assert_close(resample(x, grid, ("linear",) * 3), wanted)

    @given(st.integers(1, 30), st.integers(1, 30), st.integers(0, 99))
    @settings(max_examples=50, deadline=None)
    def test_linear_shrinks_as_torch_does_inside(self, old: int, new: int, seed: int) -> None:
        line = noise(old, seed=seed)
        wanted = F.interpolate(
            line.expand(1, 1, 1, -1), (1, new), mode="bilinear", antialias=True
        ).view(-1)
        edge = 2 + int(new / old)  # torch leaves out what lies beyond an end
        inside = slice(edge, -edge)
        torch.testing.assert_close(along(line, new, "linear")[inside], wanted[inside])

    @given(st.integers(8, 60), st.integers(8, 60), st.integers(0, 99))
    @settings(max_examples=50, deadline=None)
    def test_cubic_is_pillows_bicubic_inside(self, old: int, new: int, seed: int) -> None:
        line = noise(old, seed=seed)
        wanted = np.array(
            Image.fromarray(line.numpy()[None]).resize((new, 1), Image.Resampling.BICUBIC)
        )[0]
        edge = 3 + 3 * max(1, new // old)  # Pillow leaves out what lies beyond an end
        np.testing.assert_allclose(
            along(line, new, "cubic")[edge:-edge], wanted[edge:-edge], atol=1e-5
        )

    @given(st.integers(1, 30), st.integers(1, 30))
    @settings(deadline=None)
    def test_nearest_lies_nearest(self, old: int, new: int) -> None:
        index, _ = taps(old, new, "nearest")
        centre = (np.arange(new) + 0.5) * old / new - 0.5
        away = np.abs(np.arange(old)[:, None] - centre)
        chosen = np.take_along_axis(away, index.numpy().T, 0)[0]
        np.testing.assert_allclose(chosen, away.min(0), atol=1e-9)


class TestLaws:
    @given(GRIDS, KINDS)
    @settings(deadline=None)
    def test_same_grid_is_identity(self, grid: tuple[int, ...], kind: Kind) -> None:
        x = noise(2, *grid)
        assert torch.equal(resample(x, grid, (kind,) * 3), x)
        assert torch.equal(along(x[0, :, 0, 0], grid[0], kind), x[0, :, 0, 0])

    @given(GRIDS, GRIDS, KINDS, st.integers(-1000, 1000))
    @settings(deadline=None)
    def test_constants_stay(
        self, old: tuple[int, ...], new: tuple[int, ...], kind: Kind, value: int
    ) -> None:
        y = resample(torch.full((1, *old), value / 7), new, (kind,) * 3)
        assert y.shape == (1, *new)
        torch.testing.assert_close(y, torch.full_like(y, value / 7), rtol=1e-6, atol=0)

    @pytest.mark.parametrize("kind", ["linear", "cubic"])
    @pytest.mark.parametrize(("old", "new"), [(20, 31), (20, 40), (40, 20), (60, 20), (21, 23)])
    def test_ramps_stay_inside(self, kind: Kind, old: int, new: int) -> None:
        wanted = (torch.arange(new) + 0.5) * old / new - 0.5
        edge = 3 * max(1, new // old) + 1
        y = along(torch.arange(old, dtype=torch.float32), new, kind)
        torch.testing.assert_close(y[edge:-edge], wanted[edge:-edge], rtol=0, atol=2e-5)

    @given(st.integers(30, 60), st.integers(12, 29), SMOOTH)
    @settings(deadline=None)
    def test_ramps_shrink_to_within_a_few_hundredths(self, old: int, new: int, kind: Kind) -> None:
        wanted = (torch.arange(new) + 0.5) * old / new - 0.5
        y = along(torch.arange(old, dtype=torch.float32), new, kind)
        away = {"linear": 0.08, "cubic": 0.03}[kind] * old / new
        torch.testing.assert_close(y[3:-3], wanted[3:-3], rtol=0, atol=away)

    @pytest.mark.parametrize("kind", ["linear", "cubic"])
    def test_nothing_aliases(self, kind: Kind) -> None:
        checks = (torch.arange(64) % 2).float()
        inside = along(checks, 16, kind)[3:-3]
        torch.testing.assert_close(inside, torch.full_like(inside, 0.5), rtol=0, atol=1e-6)

    @given(GRIDS, GRIDS, SMOOTH, st.sampled_from(list(itertools.product((0, 1), repeat=3))))
    @settings(max_examples=200, deadline=None)
    def test_commutes_with_flips_to_the_last_bit(
        self, old: tuple[int, ...], new: tuple[int, ...], kind: Kind, flips: tuple[int, ...]
    ) -> None:
        x, kinds = noise(2, *old), (kind,) * 3
        dims = [1 + axis for axis in range(3) if flips[axis]]
        assert torch.equal(resample(x.flip(dims), new, kinds), resample(x, new, kinds).flip(dims))

    @given(st.integers(1, 30), st.integers(1, 30))
    @settings(deadline=None)
    def test_nearest_commutes_with_flips_where_it_can(self, old: int, new: int) -> None:
        line = torch.arange(float(old))
        there, back = along(line.flip(0), new, "nearest"), along(line, new, "nearest").flip(0)
        tied = torch.zeros(new, dtype=torch.bool)
        tied[new // 2] = new % 2 == 1 and old % 2 == 0
        assert torch.equal(there[~tied], back[~tied])

    @given(GRIDS, GRIDS, st.tuples(KINDS, KINDS, KINDS), st.permutations(range(3)))
    @settings(max_examples=100, deadline=None)
    def test_commutes_with_permutations(
        self, old: tuple[int, ...], new: tuple[int, ...], kinds: Any, axes: list[int]
    ) -> None:
        x, order = noise(2, *old), [0, *(1 + axis for axis in axes)]
        turned = resample(x.permute(order), [new[a] for a in axes], tuple(kinds[a] for a in axes))
        torch.testing.assert_close(
            turned, resample(x, new, kinds).permute(order), rtol=0, atol=1e-5
        )

    def test_slabs_do_not_show(self, monkeypatch: pytest.MonkeyPatch) -> None:
        x, kinds = noise(2, 20, 17, 13), ("cubic", "linear", "nearest")
        grid = (15, 23, 7)
        whole = resample(x, grid, kinds)
        monkeypatch.setattr("volseg.geometry.resample.SLAB", 1)
        assert torch.equal(resample(x, grid, kinds), whole)

    def test_channels_do_not_mix(self) -> None:
        x, grid, kinds = noise(3, 6, 7, 8), (9, 5, 8), ("cubic", "linear", "cubic")
        one_by_one = torch.cat([resample(one[None], grid, kinds) for one in x])
        assert torch.equal(resample(x, grid, kinds), one_by_one)

    @pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16])
    def test_keeps_the_dtype(self, dtype: torch.dtype) -> None:
        y = resample(noise(1, 4, 5, 6).to(dtype), (3, 7, 6), ("linear",) * 3)
        assert y.dtype == dtype
