"""Crowns: what they are made of, moved and made one object."""

from __future__ import annotations

import numpy as np

from volseg.synthetic.crowns import crowns
from volseg.synthetic.labels import Label, Material, Skin

LEAF = Skin(Label.VEGETATION, Material.LEAF)


def test_radii_densities_and_ids_broadcast() -> None:
    made = crowns(np.zeros((3, 3)), (1, 2, 3), [0.1, 0.2, 0.3], LEAF, instance=[4, 4, 5])
    assert made.radii.tolist() == [[1, 2, 3]] * 3
    assert made.density.tolist() == [0.1, 0.2, 0.3]
    assert made.instance.tolist() == [4, 4, 5]
    assert made.as_object().instance.tolist() == [1, 1, 1]
    assert made.moved(1, 2, 3).centre.tolist() == [[1, 2, 3]] * 3
