"""``python -m tests.benchmarks.airborne``: processor time of a million points from the air."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from volseg.io import write
from volseg.synthetic.airborne.generate import generate_tile
from volseg.synthetic.airborne.kinds import FLOWN, RELIEFS, Flown, Relief

PULSES = 600_000


def measure(scanner: Flown, relief: Relief) -> tuple[int, float, float]:
    """Points, and seconds to make them and to write them."""
    start = time.process_time()
    cloud = generate_tile(7, terrain=relief, scanner=scanner, points=PULSES)
    made = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder) / "tile.laz", cloud)
    return len(cloud), made - start, time.process_time() - made


def main() -> None:
    """Print a row a scanner."""
    print("| scanner | terrain | points | seconds a million points | to write them |")  # noqa: T201
    print("|---|---|---|---|---|")  # noqa: T201
    for scanner, relief in zip(FLOWN, RELIEFS[1:], strict=False):
        points, made, written = measure(scanner, relief)
        each = [1e6 * seconds / points for seconds in (made + written, written)]
        print(f"| `{scanner}` | `{relief}` | {points:,} | {each[0]:.1f} | {each[1]:.1f} |")  # noqa: T201


if __name__ == "__main__":
    main()
