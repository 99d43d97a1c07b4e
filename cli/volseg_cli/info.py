"""``volseg info``: what a scan holds."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from volseg_cli import console


def info(
    scan: Annotated[Path, typer.Argument(metavar="SCAN", help="A scan.")],
    label_field: Annotated[str | None, typer.Option(help="Field that holds the labels.")] = None,
) -> None:
    """Show points, extent, units, CRS, attributes and classes of a scan.

    Example: `volseg info tile.laz`
    """
    from volseg.io import describe

    facts = describe(scan, label_field=label_field)
    say = console.out.print
    say(f"{scan.name}  {facts.format}, {facts.points:,} points", highlight=False)
    say(f"CRS    {facts.crs or 'none named'}", highlight=False)
    say(f"units  {facts.unit}", highlight=False)
    if facts.minimum is not None and facts.maximum is not None:
        extent = console.table("", "lowest", "highest", "extent")
        for axis, low, high in zip("xyz", facts.minimum, facts.maximum, strict=True):
            extent.add_row(axis, f"{low:,.3f}", f"{high:,.3f}", f"{high - low:,.3f}")
        console.show(extent)
    if facts.attributes:
        say("attributes  " + ", ".join(f"{name} ({kind})" for name, kind in facts.attributes))
    if facts.label_field is None:
        say("labels      none found")
        return
    classes = console.table("class", "points", "share", title=f"labels in '{facts.label_field}'")
    for name, count in facts.classes.items():
        classes.add_row(str(name), f"{count:,}", f"{count / facts.points:.1%}")
    console.show(classes)
