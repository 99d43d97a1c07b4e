"""The demo: a real scan and a generated street, segmented from nothing in a few minutes."""

from volseg.demo.acts import Act, Result, draw, play
from volseg.demo.scenes import scan_path, set_scan, set_street

__all__ = ["Act", "Result", "draw", "play", "scan_path", "set_scan", "set_street"]
