"""Scenery: objects of one part are none of another, in facets and crowns alike."""

from __future__ import annotations

import numpy as np

from volseg.synthetic.crowns import crowns
from volseg.synthetic.facets import box
from volseg.synthetic.labels import Label, Material, Skin
from volseg.synthetic.scenery import NO_CROWNS, Scenery, gather

STEM = Skin(Label.VEGETATION, Material.BARK)
LEAF = Skin(Label.VEGETATION, Material.LEAF)


def tree(x: float) -> Scenery:
    stem = box((x, 0, 0), (x + 0.2, 0.2, 4), STEM)
    return Scenery(stem, crowns([(x, 0, 5), (x, 0, 7)], 2.0, 0.5, LEAF)).as_object()


def test_stem_and_crown_stay_one_object_and_trees_stay_apart() -> None:
    fence = box((0, 9, 0), (5, 9.1, 1), STEM)
    made = gather([tree(0), fence, tree(10), gather([tree(20), tree(30)])])
    assert made.objects == 4
    for number, x in enumerate((0, 10, 20, 30), 1):
        stem = made.facets.anchor[made.facets.instance == number]
        crown = made.crowns.centre[made.crowns.instance == number]
        assert np.abs(stem[:, 0] - x).max() < 0.3
        assert len(crown) == 2
        assert (crown[:, 0] == x).all()
    assert (made.facets.instance == 0).sum() == len(fence)


def test_nothing_gathers_to_nothing() -> None:
    assert len(gather([]).facets) == len(gather([NO_CROWNS]).crowns) == gather([]).objects == 0
