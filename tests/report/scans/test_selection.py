"""Thinned clouds: few enough, and nothing that occurs somewhere is lost there."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from volseg.report.scans.selection import keep_every_group


@given(
    count=st.integers(0, 400),
    most=st.integers(20, 300),
    kinds=st.integers(1, 6),
    scale=st.sampled_from([0.0, 1e-3, 1.0, 1e6]),
    seed=st.integers(0, 99),
)
def test_few_enough_stay_and_every_group_does(
    count: int, most: int, kinds: int, scale: float, seed: int
) -> None:
    random = np.random.default_rng(seed)
    xyz = random.normal(scale=scale, size=(count, 3)) + (5e5, 5e6, 100)
    groups = random.integers(0, kinds, count)
    index = keep_every_group(xyz, groups, most)
    assert (np.diff(index) > 0).all()
    assert set(groups[index]) == set(groups)
    if count <= most:
        assert len(index) == count
    else:
        assert len(index) <= most


def test_a_single_mistake_in_a_dense_place_stays() -> None:
    random = np.random.default_rng(0)
    xyz = random.uniform(0, 50, (40_000, 3)) * (1, 1, 0.01)
    groups = np.zeros(len(xyz), dtype=np.int64)
    wrong = random.choice(len(xyz), 60, replace=False)
    groups[wrong] = 7
    index = keep_every_group(xyz, groups, 4000)
    kept = xyz[index[groups[index] == 7]]
    nearest = np.linalg.norm(xyz[wrong][:, None] - kept, axis=2).min(axis=1)
    assert nearest.max() < 50 / np.sqrt(4000) * 8  # each is there, or one beside it


def test_points_thin_out_where_they_are_dense() -> None:
    random = np.random.default_rng(0)
    dense, thin_part = random.uniform(0, 1, (20_000, 3)), random.uniform(10, 40, (500, 3))
    index = keep_every_group(np.concatenate((dense, thin_part)), np.zeros(20_500, np.int64), 2000)
    assert (index >= 20_000).sum() > 450
