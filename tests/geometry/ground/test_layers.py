"""The lowest layers of columns: the same of points in any order, and of any parts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from volseg.errors import InputError
from volseg.geometry.ground.layers import (
    CELL,
    FAR,
    HEIGHT,
    KEPT,
    first_of_columns,
    layers_of,
    merge,
)

Floats = NDArray[np.float64]


@st.composite
def clouds(draw: st.DrawFn) -> Floats:
    """A few columns of up to many layers, points at one height or in one place among them."""
    random = np.random.default_rng(draw(st.integers(0, 2**31)))
    count = draw(st.integers(1, 300))
    high = draw(st.sampled_from([8, 64, 1000]))
    whole = np.column_stack(
        (random.integers(-24, 24, (count, 2)), random.integers(-9, high, count))
    )
    return whole / (4.0, 4.0, draw(st.sampled_from([4.0, 16.0])))


def columns_of(metres: Floats) -> dict[tuple[int, int], dict[int, list[Floats]]]:
    """Points by column and layer, the plain way."""
    found: dict[tuple[int, int], dict[int, list[Floats]]] = {}
    for point in metres:
        x, y = np.floor(point[:2] / CELL).astype(int).tolist()
        level = int(np.floor(point[2] / HEIGHT))
        found.setdefault((x, y), {}).setdefault(level, []).append(point)
    return found


class TestLaws:
    @given(clouds())
    def test_they_are_the_lowest_layers_of_every_column(self, metres: Floats) -> None:
        layers = layers_of(metres)
        rows = iter(layers)
        for cell, column in sorted(columns_of(metres).items()):
            for level in sorted(column)[:KEPT]:
                row, points = next(rows), column[level]
                assert (tuple(row["cell"].tolist()), row["level"]) == (cell, level)
                assert row["count"] == len(points)
                lowest = min(points, key=lambda one: (one[2], one[0], one[1]))
                assert row["low"] == lowest[2]
                np.testing.assert_array_equal(
                    row["offset"], (lowest[:2] / CELL - cell - 0.5).astype(np.float32)
                )
        assert next(rows, None) is None

    @given(clouds(), st.integers(0, 2**31))
    def test_the_order_of_the_points_changes_nothing(self, metres: Floats, seed: int) -> None:
        shuffled = np.random.default_rng(seed).permutation(metres)
        assert layers_of(shuffled).tobytes() == layers_of(metres).tobytes()

    @given(clouds(), st.integers(0, 2**31), st.integers(1, 5))
    def test_of_any_parts_they_are_those_of_all(self, metres: Floats, seed: int, n: int) -> None:
        part = np.random.default_rng(seed).integers(0, n, len(metres))
        parts = [layers_of(metres[part == number]) for number in range(n)]
        whole = layers_of(metres).tobytes()
        assert merge(parts).tobytes() == whole
        assert merge([merge(parts[:2]), *parts[2:][::-1]]).tobytes() == whole

    @given(clouds(), st.tuples(*[st.integers(-(2**20), 2**20)] * 3))
    def test_they_move_with_the_scan(self, metres: Floats, steps: tuple[int, int, int]) -> None:
        layers, moved = (
            layers_of(metres),
            layers_of(metres + steps * np.array([CELL, CELL, HEIGHT])),
        )
        np.testing.assert_array_equal(moved["cell"], layers["cell"] + np.array(steps[:2]))
        np.testing.assert_array_equal(moved["level"], layers["level"] + steps[2])
        np.testing.assert_array_equal(moved["low"], layers["low"] + steps[2] * HEIGHT)
        for name in ("count", "offset"):
            np.testing.assert_array_equal(moved[name], layers[name])

    @given(clouds())
    def test_columns_begin_where_their_cell_is_first_seen(self, metres: Floats) -> None:
        layers = layers_of(metres)
        cells, first = np.unique(layers["cell"], axis=0, return_index=True)
        np.testing.assert_array_equal(first_of_columns(layers), first)
        assert len(cells) == len(columns_of(metres))


def test_without_points_there_are_no_layers() -> None:
    none = layers_of(np.empty((0, 3)))
    assert (
        len(none) == len(merge([])) == len(merge([none, none])) == len(first_of_columns(none)) == 0
    )


def test_merging_changes_none_of_its_parts() -> None:
    layers = layers_of(np.array([[0.5, 0.5, 1.0], [0.5, 0.5, 2.0]]))
    before = layers.tobytes()
    assert (merge([layers, layers])["count"] == 2).all()
    assert layers.tobytes() == before


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("far", [FAR, -FAR, 1e300, np.inf, np.nan])
def test_points_too_far_out_are_refused(axis: int, far: float) -> None:
    metres = np.zeros((3, 3))
    metres[1, axis] = far
    with pytest.raises(InputError, match=r"too far for columns of 2 m; remove stray points$"):
        layers_of(metres)


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_points_as_far_out_as_columns_go_are_told_apart(sign: float) -> None:
    far = sign * (FAR * HEIGHT - 1.0)
    layers = layers_of(np.array([[far, -far, far], [far - sign * CELL, -far, far]]))
    assert len(first_of_columns(layers)) == 2
    np.testing.assert_array_equal(layers["low"], [far, far])


def test_an_extent_of_more_layers_than_can_be_counted_is_refused() -> None:
    far = FAR * HEIGHT - 1.0
    with pytest.raises(InputError, match="remove stray points"):
        layers_of(np.array([[far, -far, far], [-far, far, -far]]))
