"""``python -m tests.benchmarks.worker``: one measurement in a process of its own.

    worker agree NAME        do both sides of a row give the same answer
    worker ours NAME         memory of one side, then seconds for every line on standard input
    worker theirs NAME
    worker grow NAME SIZE    memory and time of a growing piece of work at one size

Answers are lines of JSON on standard output, whatever libraries print.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import torch

from tests.benchmarks.measure import memory, narrow, processor_seconds, seconds
from tests.benchmarks.row import DisagreementError, MissingError, Row
from volseg.errors import DisplayError

Answer = dict[str, Any]
KEYS = ("peer", "wanted", "wanted_memory", "runs", "cores")


def agree(row: Row) -> Iterator[Answer]:
    """What is compared, and how well both sides agree."""
    told = {key: getattr(row, key) for key in KEYS}
    answer = {"work": row.work, **told}
    try:
        theirs = row.theirs()
    except (ImportError, DisplayError) as error:
        yield answer | {"absent": str(error)}
        return
    threads = torch.get_num_threads()
    try:
        mine = row.ours()()
        torch.set_num_threads(1 if row.races else threads)
        agreement = row.agree(mine, theirs())
        if row.races:
            agreement += ", it on one thread: on two its answer changes from run to run"
        yield answer | {"agreement": agreement}
    except DisagreementError as error:
        yield answer | {"disagree": str(error)}


def side(row: Row, which: str) -> Iterator[Answer]:
    """Memory of the first call, then the time of one call for every line that comes in."""
    run = row.ours() if which == "ours" else row.theirs()
    yield asdict(memory(run, in_child=row.in_child))
    clock = time.perf_counter if row.cores is None else processor_seconds
    for _ in sys.stdin:
        yield {"seconds": seconds(run, clock)}


def ready(name: str) -> Row:
    """A row of that name, this process kept to its cores."""
    from tests.benchmarks.rows import ROWS

    row = ROWS[name]()
    if row.cores is not None:
        narrow(row.cores)
        torch.set_num_threads(row.cores)
    return row


def answers() -> Iterator[Answer]:
    """What the command line asks for."""
    from tests.benchmarks.growth import GROWTHS

    task, name, *rest = sys.argv[1:]
    try:
        if task == "agree":
            yield from agree(ready(name))
        elif task == "grow":
            yield GROWTHS[name].measure(int(rest[0]))
        else:
            yield from side(ready(name), task)
    except MissingError as error:
        yield {"missing": str(error)}


def main() -> None:
    """Answer on the true standard output; all else goes to standard error."""
    with os.fdopen(os.dup(1), "w") as out:
        os.dup2(2, 1)
        for answer in answers():
            print(json.dumps(answer), file=out, flush=True)


if __name__ == "__main__":
    main()
