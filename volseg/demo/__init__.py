"""The demo: a real scan and a generated street, segmented in a few minutes."""

from volseg.demo.acts import Act, Lesson, Result, draw, learn, play
from volseg.demo.scenes import scan_path, scenes, set_scan, set_street

__all__ = [
    "Act",
    "Lesson",
    "Result",
    "draw",
    "learn",
    "play",
    "scan_path",
    "scenes",
    "set_scan",
    "set_street",
]
