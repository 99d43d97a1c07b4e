"""``python -m tests.benchmarks``: time volseg beside its peers, and write the table down."""

from __future__ import annotations

import platform
import re
import resource
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from tests.benchmarks import rows

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"
RUNS = 5


@dataclass(frozen=True)
class Timing:
    """Median seconds of both sides of one comparison."""

    work: str
    ours: float
    peer: str
    theirs: float


def compare(
    work: str, ours: Callable[[], object], peer: str, theirs: Callable[[], object]
) -> Timing:
    """Time two callables in alternating order after one warm-up of each."""
    ours(), theirs()
    seconds: tuple[list[float], list[float]] = ([], [])
    for number in range(RUNS):
        for side in (0, 1) if number % 2 else (1, 0):
            started = time.perf_counter()
            (ours, theirs)[side]()
            seconds[side].append(time.perf_counter() - started)
    return Timing(work, statistics.median(seconds[0]), peer, statistics.median(seconds[1]))


def main() -> None:
    """Run every row and put the table into the page."""
    lines = [
        f"Python {platform.python_version()}, torch {torch.__version__}, numpy {np.__version__}, "
        f"{torch.get_num_threads()} threads, median of {RUNS}.",
        "",
        "| work | volseg | peer | its time | ratio |",
        "|---|---|---|---|---|",
    ]
    for row in rows.ROWS:
        one = compare(*row())
        ratio = one.theirs / one.ours
        lines.append(
            f"| {one.work} | {one.ours:.3f} s | {one.peer} | {one.theirs:.3f} s | {ratio:.2f} |"
        )
        print(lines[-1], flush=True)  # noqa: T201
    lines += ["", rows.training_speed()]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    lines += ["", f"Peak memory of the whole run: {peak:.2f} GiB."]
    text = PAGE.read_text(encoding="utf-8")
    body = "<!-- speed -->\n" + "\n".join(lines) + "\n<!-- /speed -->"
    PAGE.write_text(
        re.sub("<!-- speed -->.*<!-- /speed -->", lambda _: body, text, flags=re.DOTALL),
        encoding="utf-8",
    )


main()
