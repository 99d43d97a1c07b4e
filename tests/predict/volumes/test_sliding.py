"""A sweep of windows: what a plain sum over the whole volume gives, to the last bit."""

from __future__ import annotations

import gc
import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from torch import Tensor

from volseg.data.volumes.flat import count_flat
from volseg.geometry.resample import Kind, resample
from volseg.geometry.windows import gaussian, starts
from volseg.predict.volumes.sliding import Sliding

CLASSES = 3
KINDS: tuple[Kind, Kind, Kind] = ("linear", "nearest", "linear")


def scorer(classes: int = CLASSES) -> Any:
    """A network of one random convolution, so that a window's borders matter."""
    random = torch.Generator().manual_seed(0)
    weight = torch.randn(classes, 1, 3, 3, 3, generator=random)
    return lambda windows: F.conv3d(windows, weight, padding=1)


def plain(
    image: NDArray[Any], patch: Sequence[int], grid: Sequence[int], predict: Any
) -> NDArray[Any]:
    """The labels of a sum of all windows over the whole volume, held at once."""
    size = np.array(image.shape[1:])
    pads = [(max(p - n, 0) + 1) // 2 for n, p in zip(size, patch, strict=True)]
    whole = np.zeros((1, *np.maximum(size, patch)), dtype=np.float32)
    inside = tuple(slice(low, low + n) for low, n in zip(pads, size, strict=True))
    whole[(slice(None), *inside)] = image
    total = torch.zeros(CLASSES, *whole.shape[1:])
    weight, sums = torch.from_numpy(gaussian(patch)), torch.zeros(whole.shape[1:])
    places = [starts(n, p) for n, p in zip(whole.shape[1:], patch, strict=True)]
    order = sorted(range(3), key=lambda axis: (patch[axis] > 1, -size[axis] / patch[axis]))
    corners = [
        (i, j, k) for i in places[order[0]] for j in places[order[1]] for k in places[order[2]]
    ]
    for turned in corners:
        corner = [turned[order.index(axis)] for axis in range(3)]
        here = tuple(slice(at, at + side) for at, side in zip(corner, patch, strict=True))
        scores: Tensor = predict(torch.from_numpy(whole[(slice(None), *here)])[None])[0]
        total[(slice(None), *here)] += scores * weight
        sums[here] += weight
    mean = (total / sums)[(slice(None), *inside)].contiguous()
    return np.asarray(resample(mean, grid, KINDS).argmax(dim=0).numpy())


def swept(sliding: Sliding, grid: Sequence[int], predict: Any) -> NDArray[Any]:
    labels = np.full(grid, -1)
    for where, scores in sliding(predict):
        assert (labels[where] == -1).all()
        labels[where] = scores.argmax(dim=0).numpy()
    return labels


sizes = st.tuples(*(st.integers(1, 14),) * 3)


@settings(max_examples=60, deadline=None)
@given(
    size=sizes,
    patch=st.tuples(*(st.integers(1, 9),) * 3),
    memory=st.integers(1, 40_000),
    data=st.data(),
)
def test_the_labels_are_those_of_a_sum_over_the_whole_volume(
    size: tuple[int, int, int], patch: tuple[int, int, int], memory: int, data: st.DataObject
) -> None:
    grid = data.draw(st.one_of(st.just(size), sizes))
    image = np.random.default_rng(0).normal(size=(1, *size)).astype(np.float32)
    sliding = Sliding(image, patch, CLASSES, grid=grid, kinds=KINDS, memory=memory)
    np.testing.assert_array_equal(
        swept(sliding, grid, scorer()), plain(image, patch, grid, scorer())
    )


@pytest.mark.parametrize(("size", "patch"), [((30, 9, 12), (8, 6, 6)), ((12, 14, 20), (6, 7, 1))])
def test_memory_changes_how_often_windows_are_seen_and_no_bit(
    size: tuple[int, int, int], patch: tuple[int, int, int]
) -> None:
    image = np.random.default_rng(0).normal(size=(1, *size)).astype(np.float32)
    grid = (25, 11, 13)
    made, strips = [], []
    for memory in (1, 20_000, 1 << 30):
        sliding = Sliding(image, patch, CLASSES, grid=grid, kinds=KINDS, memory=memory)
        scores = np.full((CLASSES, *grid), np.nan, dtype=np.float32)
        for where, part in sliding(scorer()):
            scores[(slice(None), *where)] = part.numpy()
        made.append(scores)
        strips.append(len(sliding.strips()))
    assert strips[0] > strips[1] > strips[2] == 1
    for scores in made[1:]:
        np.testing.assert_array_equal(scores, made[0])


@settings(max_examples=40, deadline=None)
@given(
    size=sizes,
    patch=st.tuples(*(st.integers(2, 6),) * 3),
    body=st.tuples(*(st.integers(1, 5),) * 3),
    memory=st.sampled_from([1, 10_000, 1 << 30]),
)
def test_cells_that_only_flat_windows_see_get_the_scores_named_and_no_other_is_unseen(
    size: tuple[int, int, int],
    patch: tuple[int, int, int],
    body: tuple[int, int, int],
    memory: int,
) -> None:
    image = np.full((1, *size), -2.5, dtype=np.float32)
    inside = tuple(slice(0, side) for side in body)
    image[(0, *inside)] = np.random.default_rng(0).normal(size=image[(0, *inside)].shape)
    unseen = torch.tensor([7.0, -7.0, -7.0])
    every, some = (
        Sliding(image, patch, CLASSES, memory=memory, unseen=one) for one in (None, unseen)
    )
    whole, fewer, marks = (np.zeros((CLASSES, *size), np.float32) for _ in range(3))
    for scores, sliding, predict in (
        (whole, every, scorer()),
        (fewer, some, scorer()),
        (marks, some, lambda windows: torch.zeros(len(windows), CLASSES, *windows.shape[2:])),
    ):
        for where, part in sliding(predict):
            scores[(slice(None), *where)] = part.numpy()
    # Every window over a cell of the body is seen.
    np.testing.assert_allclose(
        fewer[(slice(None), *inside)], whole[(slice(None), *inside)], rtol=1e-4, atol=1e-4
    )
    left_out = marks[0] == 7
    np.testing.assert_array_equal(fewer[:, left_out], unseen[:, None].expand(-1, left_out.sum()))
    assert count_flat(image, left_out, (0, 1, 2)) == left_out.sum()


def test_windows_in_air_do_not_reach_the_network() -> None:
    image = np.zeros((2, 32, 8, 8), np.float32)
    image[:, :4] = np.random.default_rng(0).normal(size=(2, 4, 8, 8))
    shown = []

    def predict(windows: Tensor) -> Tensor:
        shown.append(len(windows))
        return torch.zeros(len(windows), CLASSES, *windows.shape[2:])

    list(Sliding(image, (8, 8, 8), CLASSES, unseen=torch.zeros(CLASSES))(predict))
    assert sum(shown) == 1
    list(Sliding(image, (8, 8, 8), CLASSES)(predict))
    assert sum(shown) == 1 + 7


def held() -> int:
    """Bytes of all tensors there are."""
    storages = [one.untyped_storage() for one in gc.get_objects() if type(one) is Tensor]
    return sum({one.data_ptr(): one.nbytes() for one in storages}.values())


@pytest.mark.parametrize("grid", [(40, 24, 20), (30, 60, 40), (13, 9, 10)])
@pytest.mark.parametrize("memory", [300_000, 1_000_000])
def test_no_more_scores_are_held_than_the_memory_allows(
    grid: tuple[int, int, int], memory: int
) -> None:
    image = np.zeros((1, 40, 24, 20), dtype=np.float32)
    sliding = Sliding(image, (8, 8, 8), 12, grid=grid, kinds=KINDS, memory=memory)
    sliding.batch = 1
    before, seen, turn = held(), [0], itertools.count()

    def look() -> None:
        if next(turn) % 13 == 12:  # looking takes long
            seen.append(held() - before)

    def watched(windows: Tensor) -> Tensor:
        look()
        return torch.zeros(len(windows), 12, 8, 8, 8)

    for _, scores in sliding(watched):
        look()
        del scores
    windows = 4 * 4 * 12 * 8**3  # in and out of the network, and weighted
    assert max(seen) <= memory + windows
    assert max(seen) > memory / 4 or len(sliding.strips()) == 1


def test_slices_go_through_a_flat_network_in_batches_that_do_not_touch() -> None:
    image = np.random.default_rng(0).normal(size=(1, 9, 9, 7)).astype(np.float32)
    seen: list[Tensor] = []

    def identity(windows: Tensor) -> Tensor:
        seen.extend(windows.clone())
        return windows.clone()

    labels = Sliding(image, (9, 9, 1), 1)
    for where, scores in labels(identity):
        np.testing.assert_allclose(scores.numpy(), image[(slice(None), *where)], rtol=1e-5)
    assert len(seen) == 7
