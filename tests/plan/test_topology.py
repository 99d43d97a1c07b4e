"""Kernels, strides and patches: nnU-Net's figures, and laws that hold for any image."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from volseg.plan.topology import LEAST_EDGE, LEAST_SIDE, Topology, largest, smaller, topology

# Of get_pool_and_conv_props(spacing, shape, 4, 999999) in nnunetv2 2.8.1: spacing, shape; patch,
# kernels, strides (without the first, which is 1 everywhere).
NNUNET = (
    ((1, 1, 1), (36, 50, 35), (40, 56, 40),
     "333 333 333 333", "222 222 222"),
    ((1, 1, 1), (128, 128, 128), (128, 128, 128),
     "333 333 333 333 333 333", "222 222 222 222 222"),
    ((0.625, 0.625, 3.6), (320, 320, 20), (320, 320, 20),
     "331 331 333 333 333 333 333", "221 221 222 222 221 221"),
    ((3.6, 0.625, 0.625), (20, 320, 320), (20, 320, 320),
     "133 133 333 333 333 333 333", "122 122 222 222 122 122"),
    ((0.79, 0.79, 2.5), (192, 192, 56), (192, 192, 56),
     "331 333 333 333 333 333", "221 222 222 222 221"),
    ((1, 1, 1), (240, 240, 155), (256, 256, 160),
     "333 333 333 333 333 333 333", "222 222 222 222 222 221"),
    ((0.5, 0.5, 0.5), (13, 7, 90), (14, 7, 96),
     "333 333 333 333 333", "212 112 112 112"),
    ((1.25, 1.25, 10), (256, 216, 9), (256, 224, 10),
     "331 331 331 333 333 333", "221 221 221 222 221"),
    ((2, 2, 2), (24, 24, 24), (24, 24, 24),
     "333 333 333", "222 222"),
    ((0.4, 0.4, 0.9), (160, 160, 64), (160, 160, 64),
     "331 333 333 333 333 333", "221 222 222 222 222"),
    ((1, 1.99, 4.1), (96, 60, 40), (96, 64, 40),
     "331 331 333 333 333", "221 221 222 222"),
    ((5, 0.8, 1.5), (30, 256, 128), (32, 256, 128),
     "133 133 333 333 333 333", "122 122 222 222 222"),
    ((1, 1), (512, 512), (512, 512),
     "33 33 33 33 33 33 33 33", "22 22 22 22 22 22 22"),
    ((0.6, 0.6), (320, 320), (320, 320),
     "33 33 33 33 33 33 33", "22 22 22 22 22 22"),
    ((1, 2.5), (200, 90), (224, 96),
     "31 33 33 33 33 33", "21 22 22 22 22"),
    ((1, 1), (37, 11), (40, 12),
     "33 33 33", "22 21"),
    ((0.1, 0.1, 0.1), (3, 100, 100), (3, 112, 112),
     "333 333 333 333 333", "122 122 122 122"),
    ((1, 1, 7), (64, 64, 6), (64, 64, 6),
     "331 331 333 333 333", "221 221 221 221"),
)  # fmt: skip

spacings = st.floats(0.2, 8)
sides = st.integers(1, 300)
images = st.integers(2, 3).flatmap(
    lambda nd: st.tuples(
        st.lists(spacings, min_size=nd, max_size=nd), st.lists(sides, min_size=nd, max_size=nd)
    )
)


def digits(text: str) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(map(int, group)) for group in text.split())


@pytest.mark.parametrize(("spacing", "shape", "patch", "kernels", "strides"), NNUNET)
def test_is_nnunets(
    spacing: tuple[float, ...],
    shape: tuple[int, ...],
    patch: tuple[int, ...],
    kernels: str,
    strides: str,
) -> None:
    assert topology(spacing, shape) == Topology(patch, digits(kernels), digits(strides))


def test_hippocampus_gets_the_published_patch() -> None:
    assert largest((1, 1, 1), (36, 50, 35), 256**3).patch == (40, 56, 40)


class TestLaws:
    @settings(deadline=None)
    @given(images)
    def test_sides_hold_the_image_and_no_more_than_padding(
        self, image: tuple[list[float], list[int]]
    ) -> None:
        found = topology(*image)
        patch, divisor, shape = map(np.array, (found.patch, found.divisor, image[1]))
        assert (patch % divisor == 0).all()
        assert (patch >= shape).all()
        assert (patch - shape < divisor).all()

    @settings(deadline=None)
    @given(images)
    def test_no_axis_is_halved_below_an_edge(self, image: tuple[list[float], list[int]]) -> None:
        found = topology(*image)
        halved = np.array(found.divisor) > 1
        coarsest = np.array(found.patch) // np.array(found.divisor)
        assert (coarsest[halved] >= LEAST_EDGE).all()

    @settings(deadline=None)
    @given(images)
    def test_axes_have_no_order(self, image: tuple[list[float], list[int]]) -> None:
        spacing, shape = image
        found = largest(spacing, shape, 64**3)
        for order in permutations(range(len(shape))):
            turned = largest([spacing[i] for i in order], [shape[i] for i in order], 64**3)
            assert turned.patch == tuple(found.patch[i] for i in order)
            for name in ("kernels", "strides"):
                wanted = tuple(tuple(one[i] for i in order) for one in getattr(found, name))
                assert getattr(turned, name) == wanted

    @settings(deadline=None)
    @given(images)
    def test_shrinking_shrinks_and_ends(self, image: tuple[list[float], list[int]]) -> None:
        spacing, shape = image
        found: Topology | None = largest(spacing, shape, 256**3)
        while found is not None:
            after = smaller(spacing, found, shape)
            if after is not None:
                assert np.prod(after.patch) < np.prod(found.patch)
                assert all(a <= b for a, b in zip(after.patch, found.patch, strict=True))
                shorter = [a for a, b in zip(after.patch, found.patch, strict=True) if a < b]
                assert min(shorter) >= LEAST_SIDE
            else:
                assert max(found.patch) <= LEAST_SIDE
            found = after
