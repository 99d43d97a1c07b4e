"""Options of ``volseg predict`` that say which points get a class, and by which code."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from volseg.errors import InputError

if TYPE_CHECKING:
    from volseg.predict.scans.codes import ClassCodes, CodeRules

PANEL = "Scans: which points, and their codes"

Keep = Annotated[
    str | None,
    typer.Option(
        metavar="CODE,...", rich_help_panel=PANEL, help="Points of these codes stay as they are."
    ),
]
Only = Annotated[
    str | None,
    typer.Option(
        metavar="CLASS,...",
        rich_help_panel=PANEL,
        help="Write these classes alone; other points stay as they are.",
    ),
]
Write = Annotated[
    str | None,
    typer.Option(
        metavar="CLASS=CODE,...",
        rich_help_panel=PANEL,
        help="Codes of classes; vegetation=3/4/5@0.5/2 has 3 below 0.5 m over the ground, 5 from "
        "2 m.",
    ),
]
Below = Annotated[
    str | None,
    typer.Option(
        metavar="PROBABILITY=CODE",
        rich_help_panel=PANEL,
        help="Points less sure than that of their class get a code, such as 0.5=1.",
    ),
]
Aoi = Annotated[
    Path | None,
    typer.Option(
        metavar="GEOJSON",
        rich_help_panel=PANEL,
        help="Points outside these polygons, in the scans' own system, stay as they are.",
    ),
]


def rules_of(
    keep: str | None, only: str | None, write: str | None, below: str | None, aoi: Path | None
) -> CodeRules:
    """The rules that options give.

    Raises:
        InputError: naming the one that cannot be understood.
    """
    from volseg.io.area import read_area
    from volseg.predict.scans.codes import CodeRules

    return CodeRules(
        keep=tuple(_code("--keep", one) for one in _parts(keep)),
        only=tuple(_parts(only)),
        codes=tuple(_class_codes(one) for one in _parts(write)),
        below=None if below is None else _below(below),
        area=None if aoi is None else read_area(aoi),
    )


def _parts(text: str | None) -> list[str]:
    return [] if text is None else [part.strip() for part in text.split(",")]


def _code(option: str, text: str) -> int:
    if not text.isdecimal():
        raise InputError(f"{option} {text!r}: wanted a code, a whole number such as 6")
    return int(text)


def _class_codes(text: str) -> ClassCodes:
    from volseg.predict.scans.codes import ClassCodes

    name, _, rest = text.rpartition("=")
    codes, _, heights = rest.partition("@")
    number = r"\d+(?:\.\d+)?"
    if name and re.fullmatch(rf"\d+(?:/\d+)*(?:@{number}(?:/{number})*)?", rest):
        ends = tuple(float(one) for one in heights.split("/")) if heights else ()
        made = ClassCodes(name, tuple(int(code) for code in codes.split("/")), ends)
        if len(made.codes) == len(ends) + 1 and list(ends) == sorted(set(ends)):
            return made
    raise InputError(
        f"--write {text!r}: wanted CLASS=CODE, or codes and the rising heights between them, such "
        "as vegetation=3/4/5@0.5/2"
    )


def _below(text: str) -> tuple[float, int]:
    probability, _, code = text.partition("=")
    if re.fullmatch(r"0?\.\d+|0|1", probability) and code.isdecimal():
        return float(probability), int(code)
    raise InputError(f"--below {text!r}: wanted a probability and a code, such as 0.5=1")
