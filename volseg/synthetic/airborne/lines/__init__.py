"""Along lines: wires, borders, traffic, bridges; and boats."""

from volseg.synthetic.airborne.lines.boats import boats
from volseg.synthetic.airborne.lines.borders import avenue, fence, hedge, lamps, wall
from volseg.synthetic.airborne.lines.bridge import bridge
from volseg.synthetic.airborne.lines.power import power_line, telephone_line
from volseg.synthetic.airborne.lines.riverside import riverside
from volseg.synthetic.airborne.lines.traffic import traffic, train

__all__ = [
    "avenue",
    "boats",
    "bridge",
    "fence",
    "hedge",
    "lamps",
    "power_line",
    "riverside",
    "telephone_line",
    "traffic",
    "train",
    "wall",
]
