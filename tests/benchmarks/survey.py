"""``python -m tests.benchmarks.survey [MILLIONS...]``: training on more than memory holds.

Repeats a real tile side by side into three LAZ files of so many million points together, trains
five steps on two of them and validates on the third with ``volseg train`` in a process of its own,
then again, when all is prepared; prints seconds and the peak of memory of both.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from tests.benchmarks.city import TILE, make_city, measured, screen

FILES, STEPS = 3, 5


def main() -> None:
    """Measure every size asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("millions", nargs="*", type=float, default=[3, 15])
    chosen = parser.parse_args()
    tile = next(iter(sorted(TILE.glob("*.la[sz]"))))
    screen.print("points      first: seconds  peak MiB  again: seconds  peak MiB")
    for millions in chosen.millions:
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch)
            (folder / "data").mkdir()
            points = [
                make_city(tile, folder / "data" / f"{number}.laz", int(millions * 1e6 / FILES))
                for number in range(FILES)
            ]
            (first, most), (again, then) = (train(folder, name) for name in ("one", "two"))
            screen.print(
                f"{sum(points):<11,} {first:>14.1f} {most / 2**20:>9,.0f} "
                f"{again:>15.1f} {then / 2**20:>9,.0f}"
            )


def train(folder: Path, name: str) -> tuple[float, int]:
    """Seconds and peak bytes of one short training run, its start and validation included."""
    return measured(
        "train", "lidar/ahn", "--data", str(folder / "data"), "--out", str(folder / name),
        "--epochs", "1", "--set", f"train.steps={STEPS}", "--device", "cpu",
    )  # fmt: skip


if __name__ == "__main__":
    main()
