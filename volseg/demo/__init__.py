"""The demo: a real scan, a generated street and a made-up volume, segmented in two minutes."""

from volseg.demo.acts import (
    Result,
    ScanResult,
    VolumeResult,
    play_abdomen,
    play_airborne,
    play_street,
    scan_path,
)

__all__ = [
    "Result", "ScanResult", "VolumeResult", "play_abdomen", "play_airborne", "play_street",
    "scan_path",
]  # fmt: skip
