"""``volseg info``: what a scan or a volume holds."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from volseg_cli import console
from volseg_cli.options import AsJson, Columns, Series, names_of

if TYPE_CHECKING:
    from volseg.io import ScanInfo, VolumeInfo

MICROSCOPIC = 0.01  # millimetres, below which a spacing is told in microns


def info(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="Scans, volumes or images.")
    ],
    label_field: Annotated[
        str | None, typer.Option(help="Field of a scan that holds the labels.")
    ] = None,
    columns: Columns = None,
    series: Series = None,
    as_json: AsJson = False,
) -> None:
    """Show what a scan or a volume holds: size, place in the world, values, classes.

    A file that cannot be read costs itself alone.

    Example: `volseg info tile.laz` or `volseg info brain.nii.gz`

    Example: `volseg info tiles/*.laz --json`
    """
    from volseg._face.files import info as look
    from volseg.errors import InputError
    from volseg_cli.batch import finish

    failed, names, facts = list[str](), names_of(columns), list[dict[str, Any]]()
    for number, file in enumerate(files):
        if number and not as_json:
            console.out.print()
        try:
            seen = look(file, label_field=label_field, columns=names, series=series)
            if as_json:
                facts.append({"file": str(file), **asdict(seen)})
            else:
                _show(file, seen)
        except InputError as error:
            failed.append(file.name)
            console.fail(str(error.at(file)))
    if as_json:
        console.say_json(facts)
    finish(failed, len(files))


def _show(file: Path, facts: ScanInfo | VolumeInfo) -> None:
    from volseg.io import ScanInfo

    if isinstance(facts, ScanInfo):
        _show_scan(file.name, facts)
    else:
        _show_volume(file.name, facts)


def _show_scan(name: str, facts: ScanInfo) -> None:
    say = console.out.print
    say(f"{name}  {facts.format}, {facts.points:,} points")
    if facts.unplaced:
        say(f"{facts.unplaced:,} points have no coordinates (NaN or infinite)")
    for title, text in facts.header.items():
        say(f"{title:<8} {text}")
    say(f"CRS    {facts.crs or 'none named'}")
    say(f"units  {facts.unit}")
    if facts.minimum is not None and facts.maximum is not None:
        extent = console.table("", "lowest", "highest", "extent")
        fine = 7 if facts.unit.startswith("degrees") else 3  # a centimetre
        for axis, low, high in zip("xyz", facts.minimum, facts.maximum, strict=True):
            digits = 3 if axis == "z" else fine
            row = (f"{one:,.{digits}f}" for one in (low, high, high - low))
            extent.add_row(axis, *row)
        console.show(extent)
    if facts.attributes:
        say("attributes  " + ", ".join(f"{name} ({kind})" for name, kind in facts.attributes))
    if facts.label_field is None:
        say(f"labels      none: {facts.no_labels}" if facts.no_labels else "labels      none found")
        return
    _show_classes(facts.classes, "points", f"labels in '{facts.label_field}'")


def _show_volume(name: str, facts: VolumeInfo) -> None:
    say = console.out.print
    scale, unit = 1.0, "mm"
    if facts.orientation is None and set(facts.spacing) == {1.0}:
        unit = "pixels"
    elif max(facts.spacing) < MICROSCOPIC:
        scale, unit = 1e3, "\u00b5m"
    spacing = tuple(scale * side for side in facts.spacing)
    say(f"{name}  {facts.format}, {_sides(facts.grid)} voxels, {facts.dtype}")
    say(f"spacing      {_sides(spacing)} {unit}")
    if facts.orientation is not None:
        tilt = f", oblique by {facts.oblique:.1f} degrees" if facts.oblique > 0.05 else ""
        say(f"orientation  {facts.orientation}{tilt}")
    if facts.doubt:
        say(f"place        {facts.doubt}")
    values = console.table("channel", "lowest", "highest")
    for number, (low, high) in enumerate(zip(facts.minimum, facts.maximum, strict=True)):
        values.add_row(str(number), *("-" if one is None else f"{one:g}" for one in (low, high)))
    console.show(values)
    if facts.broken:
        say(f"{facts.broken:,} values are NaN or infinite")
    if facts.labels:
        _show_classes(facts.labels, "voxels", "values, if they are labels")


def _sides(sides: tuple[float, ...]) -> str:
    return " x ".join(f"{side:g}" for side in sides)


def _show_classes(counts: dict[int, int], what: str, title: str) -> None:
    from volseg.geometry.labels import UNKNOWN, percent

    classes = console.table("class", what, "share", title=title)
    total = sum(counts.values())
    for name, count in counts.items():
        shown = "unknown" if name == UNKNOWN else str(name)
        classes.add_row(shown, f"{count:,}", f"{percent(count / total)}")
    console.show(classes)
