"""A gray canvas before a camera that looks along x."""

from __future__ import annotations

import numpy as np

from volseg.synthetic.field.camera import look
from volseg.synthetic.field.canvas import Canvas


def stage() -> Canvas:
    camera = look(np.array([0.0, 0.0, 0.6]), 0.0, 0.1, 0.0, 1.2, (160, 120))
    return Canvas(camera, np.full((120, 160, 3), 90.0), np.zeros((120, 160), np.uint8))
