"""What scans are like, and what is said of one that is beyond what a model has learnt."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from volseg.data.scans.features import gather, parse_features
from volseg.data.scans.range import Range, union
from volseg.geometry import PointCloud

LEARNT = Range((1.0, 40.0), 20.0, ("intensity",), ("intensity", "returns"))


def town(points: int, side: float = 80.0) -> PointCloud:
    """Flat ground, of which one ninth carries a roof 6 m up, astride the origin."""
    random = np.random.default_rng(0)
    xy = random.uniform(-side / 2, side / 2, (points, 2))
    z = np.where(np.abs(xy).max(axis=1) < side / 6, 6.0, random.uniform(0, 0.05, points))
    return PointCloud(np.column_stack((xy, z)))


def range_of(cloud: PointCloud) -> Range:
    return gather(cloud, parse_features("offset", "height", "intensity?")).range


@pytest.mark.parametrize("times", [1, 5, 20, 100, 1000])
def test_thinning_by_k_lowers_the_density_by_k(times: int) -> None:
    cloud = town(160_000)
    kept = np.random.default_rng(1).random(len(cloud)) < 1 / times
    (low, high) = range_of(cloud.take(np.flatnonzero(kept))).density
    assert low == high == pytest.approx(25 / times, rel=0.35 if times == 1000 else 0.12)


def test_heights_are_those_over_the_ground_whatever_the_altitude_and_birds() -> None:
    cloud = town(40_000)
    birds = np.column_stack((cloud.xyz[:5, :2], np.full(5, 300.0)))
    high = PointCloud(np.concatenate((cloud.xyz, birds)) + (0, 0, 1500))
    assert range_of(high).height == pytest.approx(6.0, abs=0.1)
    assert gather(cloud, parse_features("offset")).range.height is None


def test_attributes_of_nothing_but_zeros_are_absent() -> None:
    cloud = town(100)
    for value, wanted in ((0, ((), ("intensity",))), (3, (("intensity",), ()))):
        values = np.zeros(100, np.uint16)
        values[7] = value
        found = range_of(PointCloud(cloud.xyz, {"intensity": values}))
        assert (found.present, found.absent) == wanted


def test_a_single_place_has_a_density() -> None:
    for points, density in ((12, 3.0), (1, 0.25)):
        assert range_of(PointCloud(np.zeros((points, 3)))).density == (density, density)
    far = PointCloud(np.array([[0.0, 0, 0], [5e6, 0, 0]]))
    assert gather(far, parse_features("offset")).range.density[0] == pytest.approx(
        2 / 5e6**2, rel=3
    )


def test_thinned_crops_widen_down_to_a_point_a_column_and_no_further() -> None:
    for own, low in ((30.0, 0.6), (4.0, 0.25), (0.1, 0.1)):
        seen = Range((own, own), absent=("colour",)).widened(
            drop=0.98, mixed=True, forgotten=["returns"]
        )
        assert seen.density == pytest.approx((low, 2 * own))
        assert seen.absent == ("colour", "returns")


def test_scans_together_have_all_that_each_has() -> None:
    one, other = Range((1.0, 2.0), None, ("colour",)), Range((4.0, 40.0), 9.0, (), ("colour",))
    assert union([one, other]) == Range((1.0, 40.0), 9.0, ("colour",), ("colour",))
    assert union([]) is None


@given(density=st.floats(0.5, 80.0), height=st.none() | st.floats(0, 40.0))
def test_what_is_near_what_was_learnt_is_not_beyond(density: float, height: float | None) -> None:
    assert LEARNT.beyond(Range((density, density), height, (), ("returns",))) is None


@pytest.mark.parametrize(
    ("scan", "said"),
    [
        (Range((0.04, 0.04)), "0.04 points a square metre, the model learnt from 1 to 40: "
                              "expect objects to be missed"),
        (Range((1234.0, 1234.0)), "1,200 points a square metre, the model learnt from 1 to 40: "
                                  "expect more mistakes"),
        (Range((9.0, 9.0), 61.3), "61 m over the ground, the model learnt up to 20: "
                                  "expect what is high to be mistaken"),
        (Range((9.0, 9.0), 3.0, ("return_number",), ("colour",)),
         "the model learnt from no scan with return number: expect more mistakes; "
         "the model learnt from no scan without colour: expect more mistakes"),
    ],
)  # fmt: skip
def test_what_is_beyond_is_said_with_both_values(scan: Range, said: str) -> None:
    assert LEARNT.beyond(scan) == said
    assert LEARNT.beyond(scan, tta=True) == f"{said}; tta does not help there"
