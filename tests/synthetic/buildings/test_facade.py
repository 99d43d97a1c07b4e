"""A front is as high as its plinth and its storeys together."""

from __future__ import annotations

from dataclasses import replace

import pytest

from volseg.synthetic.buildings.facade import Facade
from volseg.synthetic.buildings.house import PLASTER


def test_a_floor_more_is_a_storey_higher() -> None:
    front = Facade(12, 4, 2, storey=3.1, plinth=0.5, recess=0.1, glazed=1, blind=0, wall=PLASTER)
    assert front.height > 0.5 + 2 * 3.1
    assert replace(front, floors=3).height - front.height == pytest.approx(3.1)
