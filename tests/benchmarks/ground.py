"""``python -m tests.benchmarks.ground [FOLDER]``: ground found without a network, against labels.

Of the real airborne scans, or of those in a folder. Points without a class, noise, water and what
surveys leave open count nowhere. Errors are those of filters: ground that is missed, other things
taken for it, and both together, as shares of the points of each.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from tests.benchmarks.scenes import data
from volseg.data.scans.context import ContextBuilder
from volseg.geometry.points import GROUND
from volseg.io import read
from volseg.predict.scans.ground import classes_of

REAL = (
    "ahn3_3dfier/ahn3_cropped_1.laz",
    "ign_lidarhd_50m/*.laz",
    "ign_lidarhd_1km_decimated/*0299*.laz",
    "ign_870000_6618000/*Validation*.laz",
)
OPEN = (0, 1, 7, 9, 18, 64, 65, 66, 67)
"""Classes that count nowhere; of generated scans, which leave nothing open, only those of LAS."""
GENERATED = (0, 7, 9, 18)


def errors(path: Path, left_out: tuple[int, ...]) -> tuple[int, float, float, float]:
    """Points that count, and the shares missed, wrongly taken, and wrong."""
    cloud = read(path)
    cloud = cloud.only(cloud.counted)
    builder = ContextBuilder(ground=True)
    builder.add(cloud.metres(), {})
    assert cloud.labels is not None
    counts = ~np.isin(cloud.labels, left_out)
    found = (classes_of(cloud, builder.context()) == GROUND)[counts]
    truth = (cloud.labels == GROUND)[counts]
    missed, taken = (truth & ~found).sum(), (found & ~truth).sum()
    return (
        int(counts.sum()),
        missed / max(truth.sum(), 1),
        taken / max((~truth).sum(), 1),
        (missed + taken) / len(truth),
    )


def scans() -> Iterator[tuple[Path, tuple[int, ...]]]:
    """The scans, and the classes that count nowhere in each."""
    if len(sys.argv) > 1:
        yield from ((path, GENERATED) for path in sorted(Path(sys.argv[1]).glob("*.laz")))
        return
    for pattern in REAL:
        yield from ((path, OPEN) for path in sorted(data("lidar").glob(pattern)))


def main() -> None:
    """Print the table."""
    print("| scan | points | ground missed | others taken | all wrong |\n|---|---|---|---|---|")  # noqa: T201
    for path, left_out in scans():
        count, *shares = errors(path, left_out)
        print(f"| {path.stem} | {count:,} | {' | '.join(f'{each:.1%}' for each in shares)} |")  # noqa: T201


if __name__ == "__main__":
    main()
