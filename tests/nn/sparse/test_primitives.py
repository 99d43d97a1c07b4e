"""Voxels and tensors give the same values and gradients at the cells that are there."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from volseg.errors import InputError
from volseg.nn import Voxels, functional

SHAPES = {1: (9,), 2: (7, 6), 3: (6, 5, 4)}
GEOMETRIES = [(1, 1, 1), (2, 2, 1), (3, 1, 1), (3, 2, 1), (3, 3, 1), (2, 1, 1), (3, 1, 2),
              (4, 2, 1), (3, 2, 2), (2, 2, 2), (2, 3, 1), (5, 1, 1)]  # fmt: skip
OCCUPANCIES = [0.05, 0.4, 1.0]

nds = pytest.mark.parametrize("nd", [1, 2, 3])
occupancies = pytest.mark.parametrize("occupancy", OCCUPANCIES)
orders = pytest.mark.parametrize("shuffled", [False, True])


def agree(
    sparse: Callable[..., Voxels],
    dense: Callable[..., Tensor],
    x: Voxels,
    shape: tuple[int, ...],
    *leaves: Tensor,
) -> None:
    """Values, and gradients in the features and every leaf, are the same on both ways."""
    inputs = (x.features, *leaves)
    y = sparse(x)
    full = dense(x.dense(shape))
    read = full.movedim(1, -1)[tuple(y.coords.t())]
    torch.testing.assert_close(y.features, read)
    cotangent = torch.randn_like(read)
    ours = torch.autograd.grad(y.features, inputs, cotangent)
    theirs = torch.autograd.grad(read, inputs, cotangent)
    for own, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(own, other)


def weights(*shape: int) -> Tensor:
    return torch.randn(*shape, dtype=torch.float64, requires_grad=True)


@nds
@occupancies
@pytest.mark.parametrize("geometry", GEOMETRIES)
def test_convolution(make_voxels, nd: int, occupancy: float, geometry: tuple[int, ...]) -> None:
    kernel, stride, dilation = geometry
    x = make_voxels(SHAPES[nd], occupancy=occupancy, shuffled=nd == 2)
    weight, bias = weights(4, 3, *[kernel] * nd), weights(4)

    def run(m):
        return functional.conv(m, weight, bias, stride=stride, dilation=dilation)

    agree(run, run, x, SHAPES[nd], weight, bias)


@nds
@occupancies
@pytest.mark.parametrize("geometry", GEOMETRIES)
def test_transposed_convolution(
    make_voxels, nd: int, occupancy: float, geometry: tuple[int, ...]
) -> None:
    kernel, stride, dilation = geometry
    fine = make_voxels(SHAPES[nd], occupancy=occupancy, shuffled=nd == 2)
    sites = fine.sites.coarser((stride,) * nd)
    x = Voxels(sites, weights(len(sites), 3))
    weight, bias = weights(3, 4, *[kernel] * nd), weights(4)
    shape = tuple(-(-n // stride) for n in SHAPES[nd])

    def run(like):
        return lambda m: functional.conv_transpose(
            m, weight, bias, stride=stride, like=like, dilation=dilation
        )

    agree(run(fine), run(fine.dense(SHAPES[nd])), x, shape, weight, bias)


def test_every_axis_has_its_own_geometry(make_voxels) -> None:
    x = make_voxels((8, 7, 9), shuffled=True)
    weight = weights(2, 3, 1, 3, 2)

    def run(m):
        return functional.conv(m, weight, stride=(1, 2, 3), dilation=(1, 2, 1))

    agree(run, run, x, (8, 7, 9), weight)


@nds
@occupancies
@orders
@pytest.mark.parametrize(("kernel", "stride"), [(2, 2), (3, 2), (3, 3), (3, 1), (2, 1)])
def test_pools(
    make_voxels, nd: int, occupancy: float, shuffled: bool, kernel: int, stride: int
) -> None:
    shape = SHAPES[nd]
    x = make_voxels(shape, occupancy=occupancy, shuffled=shuffled)

    def average(m):
        return functional.avg_pool(m, kernel, stride)

    agree(average, average, x, shape)

    # Absent cells win no maximum: on the tensor they are minus infinity.
    absent = x.with_features(torch.ones_like(x.features)).dense(shape) == 0

    def highest(m):
        m = m.masked_fill(absent, float("-inf")) if isinstance(m, Tensor) else m
        return functional.max_pool(m, kernel, stride)[0]

    agree(highest, highest, x, shape)
    pooled, rows = functional.max_pool(x, kernel, stride)
    assert torch.equal(x.features.gather(0, rows), pooled.features)


@nds
@occupancies
@orders
@pytest.mark.parametrize("stride", [2, 3])
def test_unpools(make_voxels, nd: int, occupancy: float, shuffled: bool, stride: int) -> None:
    shape = SHAPES[nd]
    fine = make_voxels(shape, occupancy=occupancy, shuffled=shuffled)
    dense = fine.dense(shape)
    absent = fine.with_features(torch.ones_like(fine.features)).dense(shape) == 0
    pooled, rows = functional.max_pool(fine, stride)
    full, places = functional.max_pool(dense.masked_fill(absent, float("-inf")), stride)
    x = pooled.with_features(weights(*pooled.features.shape))
    agree(
        lambda m: functional.max_unpool(m, rows, like=fine),
        lambda m: functional.max_unpool(m, places, like=dense),
        x,
        tuple(full.shape[2:]),
    )
    agree(
        lambda m: functional.avg_unpool(m, like=fine),
        lambda m: functional.avg_unpool(m, like=dense, stride=stride),
        x,
        tuple(full.shape[2:]),
    )


@nds
def test_pointwise_primitives(make_voxels, nd: int) -> None:
    x = make_voxels(SHAPES[nd])
    weight, bias = weights(5, 3), weights(5)

    def run(m):
        y = functional.linear(m, weight, bias)
        return functional.concat(
            functional.activation(y, "leaky_relu"), functional.add(y, functional.activation(y))
        )

    agree(run, run, x, SHAPES[nd], weight, bias)


def test_permuting_rows_permutes_the_output(make_voxels) -> None:
    x = make_voxels((6, 5, 4))
    order = torch.randperm(len(x))
    y = Voxels.of(x.coords[order], x.features[order], 2)
    weight = weights(4, 3, 3, 3, 3)
    plain = functional.conv(x, weight)
    torch.testing.assert_close(functional.conv(y, weight).features, plain.features[order])
    down, same = (functional.conv(m, weight, stride=2) for m in (x, y))
    assert torch.equal(down.coords, same.coords)
    torch.testing.assert_close(down.features, same.features)
    up, again = (
        functional.conv_transpose(m, weight, stride=2, like=like)
        for m, like in ((down, x), (same, y))
    )
    torch.testing.assert_close(again.features, up.features[order])


def test_shifting_cells_by_whole_strides_changes_nothing(make_voxels) -> None:
    x = make_voxels((7, 6))
    far = Voxels.of(x.coords + torch.tensor([0, -(2**30), 2**20 * 3]), x.features, 2)
    weight = weights(2, 3, 3, 3)
    for stride in (1, 2):
        here, there = (functional.conv(m, weight, stride=stride) for m in (x, far))
        assert torch.equal(here.features, there.features)


@nds
@pytest.mark.parametrize("rows", [0, 1])
def test_none_and_one_voxel(nd: int, rows: int) -> None:
    coords = torch.zeros(rows, 1 + nd, dtype=torch.int64)
    x = Voxels.of(coords, weights(rows, 3), 1)
    weight = weights(4, 3, *[3] * nd)
    y = functional.conv(functional.conv(x, weight), weights(4, 4, *[2] * nd), stride=2)
    up = functional.conv_transpose(y, weights(4, 2, *[2] * nd), stride=2, like=x)
    pooled, places = functional.max_pool(up, 2)
    back = functional.max_unpool(functional.avg_pool(x, 2), places.new_zeros(rows, 3), like=x)
    assert (len(y), len(up), len(pooled), len(back)) == (rows,) * 4
    (grad,) = torch.autograd.grad(up.features.sum(), weight)
    assert grad.isfinite().all()
    assert bool(grad.count_nonzero()) == bool(rows)


def test_nan_is_not_hidden_by_pooling() -> None:
    x = Voxels.of(torch.tensor([[0, 0], [0, 1]]), torch.tensor([[float("nan")], [1.0]]))
    assert functional.max_pool(x, 2)[0].features.isnan().all()


def test_maps_that_do_not_fit_are_named(make_voxels) -> None:
    x, other = make_voxels((6, 6)), make_voxels((6, 6), seed=1)
    weight = weights(3, 3, 3, 3)
    coarse = functional.conv(x, weight, stride=2)
    with pytest.raises(InputError, match="leave padding out"):
        functional.conv(x, weight, padding=0)
    with pytest.raises(InputError, match="give the map that was strided"):
        functional.conv_transpose(coarse, weight, stride=4, like=x)
    with pytest.raises(InputError, match="give the map that was strided"):
        functional.avg_unpool(coarse, like=coarse, stride=2)
    with pytest.raises(InputError, match="cannot be joined"):
        functional.concat(x, other)
    with pytest.raises(InputError, match="cannot be joined"):
        functional.add(x, coarse)
    with pytest.raises(InputError, match="axes of taps"):
        functional.conv(x, weights(3, 3, 3, 3, 3))
    assert functional.conv(x, weight, padding=1).sites is x.sites
