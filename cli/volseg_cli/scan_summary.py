"""What ``volseg predict`` says of all scans together: points a class, how sure, how long."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from volseg_cli import console

if TYPE_CHECKING:
    from volseg.geometry.labels import LabelMap
    from volseg.predict.scans.job import ScanJob, ScanOptions


def summarise(jobs: Sequence[ScanJob], labels: LabelMap, options: ScanOptions) -> None:
    """Show the points of every code that this run wrote, the share unsure, and the seconds."""
    from volseg.geometry.labels import percent
    from volseg.geometry.points import NOISE, UNCLASSIFIED

    classes: Counter[int] = sum((job.classes for job in jobs), Counter())
    total = classes.total()
    if not total:  # all of an earlier run
        return
    names = dict.fromkeys(NOISE, "noise") if options.mark_noise else {}
    names |= {labels.unclassified: "unclassified"}
    if options.ground_only:
        names |= {labels.ground: "ground", UNCLASSIFIED: "unclassified"}
    else:
        names |= {entry.ids[0]: entry.name for entry in labels.classes}
        renamed = {one.name for one in options.rules.codes}
        names = {code: name for code, name in names.items() if name not in renamed}
        names |= {code: one.name for one in options.rules.codes for code in one.codes}
    table = console.table("class", "code", "points", "share")
    for code, count in sorted(classes.items()):
        table.add_row(names.get(code, "-"), str(code), f"{count:,}", percent(count / total))
    console.show(table)
    kept = sum(job.kept for job in jobs)
    if kept:
        console.note(f"{kept:,} points ({percent(kept / total)}) stay as they were")
    unsure = percent(sum(job.unsure for job in jobs) / total)
    seconds = sum(job.seconds for job in jobs)
    console.note(f"{unsure} of points less than half sure; {seconds:.1f} s for all scans")
