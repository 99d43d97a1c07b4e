"""Clearing: objects go as wholes, crowns may hang over, plants thin out in patches."""

from __future__ import annotations

import numpy as np

from tests.synthetic.airborne.grounds import flat
from volseg.synthetic.airborne.clearing import clear, fell, patches
from volseg.synthetic.crowns import crowns
from volseg.synthetic.facets import box
from volseg.synthetic.labels import Label, Material, Skin
from volseg.synthetic.scenery import Scenery, gather

LEAF, BARK = (Skin(Label.VEGETATION, m) for m in (Material.LEAF, Material.BARK))
WALL = Skin(Label.BUILDING, Material.PLASTER)


def tree(x: float, y: float) -> Scenery:
    stem = box((x - 0.1, y - 0.1, 0), (x + 0.1, y + 0.1, 5), BARK)
    return Scenery(stem, crowns((x, y, 7), 4.0, 0.3, LEAF)).as_object()


def test_what_stands_on_a_bed_or_in_water_goes_as_a_whole() -> None:
    terrain = flat()
    terrain.water[:20] = True  # x < -30.5
    beds = np.zeros(terrain.z.shape, dtype=bool)
    beds[48:53] = True  # |x| < 2.5
    house = box((2, 10, 0), (14, 20, 6), WALL).as_object()
    hedge = crowns([(x, -10, 1) for x in range(-9, 10, 3)], 1.0, 1.0, LEAF)
    kept = tree(4, 0)
    made = clear(gather([tree(0, 0), kept, tree(-40, 5), house, hedge]), terrain, beds)
    assert {*made.facets.instance.tolist()} == {2}
    assert len(made.facets) == len(kept.facets)
    assert (made.crowns.instance == 2).sum() == 1
    assert sorted(made.crowns.centre[made.crowns.instance == 0, 0]) == [-9, -6, -3, 3, 6, 9]


def test_felling_takes_plants_as_wholes_and_nothing_else() -> None:
    rng = np.random.default_rng(1)
    trees = [tree(x, y) for x in range(-45, 50, 6) for y in range(-45, 50, 6)]
    scene = gather([*trees, box((-40, -40, 0), (40, -39.5, 2), WALL)])
    made = fell(scene, flat(), patches(rng, flat()))
    assert 10 < len(made.crowns) < 0.95 * len(trees)
    stems = np.unique(made.facets.instance[made.facets.label == Label.VEGETATION])
    np.testing.assert_array_equal(np.sort(made.crowns.instance), stems)
    built = [scenery.facets.label == Label.BUILDING for scenery in (scene, made)]
    assert built[0].sum() == built[1].sum()
