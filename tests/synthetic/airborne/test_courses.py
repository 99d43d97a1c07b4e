"""Courses: they cross the terrain; water only falls, lanes are even, wires change nothing."""

from __future__ import annotations

import numpy as np
import pytest

from tests.synthetic.airborne.grounds import ground
from volseg.synthetic.airborne.courses import lay
from volseg.synthetic.airborne.relief import draw_terrain


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("kind", ["river", "canal", "rail", "motorway", "road", "power"])
def test_a_course_runs_from_edge_to_edge(kind: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    terrain = draw_terrain(rng, "plain" if kind == "canal" else "hills", 300.0, 1.0)
    before = terrain.z.copy()
    laid = lay(rng, terrain, kind)
    assert laid is not None
    run, bed = laid
    assert run.kind == kind
    assert len(run.line) == len(run.levels)
    assert np.hypot(*(run.line[-1] - run.line[0])) > 350
    if kind == "power":
        np.testing.assert_array_equal(terrain.z, before)
        assert not bed.any()
        return
    edges = [bed[0], bed[-1], bed[:, 0], bed[:, -1]]
    assert sum(edge.any() for edge in edges) >= 2
    np.testing.assert_array_equal(terrain.water, bed & (kind in ("river", "canal")))
    if kind == "river":
        fall = np.diff(run.levels)
        assert (fall <= 1e-9).all() or (fall >= -1e-9).all()
    if kind == "canal":
        assert np.ptp(terrain.z[bed]) < 1e-9
    along, across = np.gradient(terrain.z, terrain.cell)
    assert np.quantile(np.hypot(along, across)[bed], 0.5) < 0.25


def test_nothing_is_laid_where_it_would_move_a_mountain() -> None:
    i, j = np.mgrid[:201, :201]
    peaks = ground(60 * np.sin(i / 12) * np.sin(j / 12))
    before = peaks.z.copy()
    assert lay(np.random.default_rng(0), peaks, "motorway") is None
    np.testing.assert_array_equal(peaks.z, before)
