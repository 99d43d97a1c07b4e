"""``volseg labels``: class ids of a scan or a label map by other numbers."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from volseg.errors import InputError
from volseg_cli import console
from volseg_cli.options import LabelField, Overwrite


def labels(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A labelled scan or a label map.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="A file.")],
    ids: Annotated[str, typer.Option("--map", metavar="OLD:NEW,...", help="New ids; others stay.")],
    label_field: LabelField = None,
    overwrite: Overwrite = False,
) -> None:
    """Write a copy with other class ids; all change at once, so that two may change places.

    Example: `volseg labels tile.laz -o coded.laz --map 3:2,4:2`
    """
    from volseg.io.relabel import relabel

    made = ids_of(ids)
    if not file.exists():
        raise InputError("no such file", path=file)
    changed = relabel(file, out, made, label_field=label_field, overwrite=overwrite)
    console.out.print(f"written {out}: {changed:,} ids changed")


def ids_of(text: str) -> dict[int, int]:
    """New ids by old ones.

    Raises:
        InputError: if they are not written as wanted, or one old id has two new ones.
    """
    pairs = [re.fullmatch(r"\s*(-?\d+):(-?\d+)\s*", part) for part in text.split(",")]
    made = {int(pair[1]): int(pair[2]) for pair in pairs if pair}
    if len(made) < len(pairs):
        raise InputError(f"--map {text!r}: wanted OLD:NEW, each old id once, such as 3:2,4:2")
    return made
