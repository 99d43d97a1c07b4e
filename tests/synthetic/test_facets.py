"""Facets: objects of joined parts stay apart."""

from __future__ import annotations

from volseg.synthetic.facets import box, join
from volseg.synthetic.labels import Label, Material, Skin

SKIN = Skin(Label.VEHICLE, Material.PAINT)


def test_objects_of_parts_stay_apart() -> None:
    shape = box((0, 0, 0), (1, 1, 1), SKIN)
    pair = join([shape, shape.as_object(), shape.as_object().moved(3, 0, 0)])
    every = join([pair, shape, pair])
    size = len(shape)
    assert [*every.instance[::size]] == [0, 1, 2, 0, 0, 3, 4]
    assert (join([every]).as_object().instance == 1).all()
