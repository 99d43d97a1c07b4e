"""What can be generated, the options that each kind takes, and who writes it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from volseg.errors import InputError

OPTIONS: Mapping[str, tuple[str, ...]] = {
    "street": (),
    "airborne": ("terrain", "scanner", "density", "size"),
    "pages": ("founts",),
    "field": (),
}
"""By kind the names of what may be given."""


def check_kind(kind: str, given: Mapping[str, Any]) -> None:
    """Raise an `InputError` if a kind is not known, or does not take what is given.

    Example:
        >>> check_kind("street", {"density": 5})
        Traceback (most recent call last):
        volseg.errors.InputError: density given for street; wanted kind airborne
    """
    if kind not in OPTIONS:
        raise InputError(f"kind {kind!r} is not known, wanted one of {', '.join(OPTIONS)}")
    strange = [name for name in given if name not in OPTIONS[kind]]
    if strange:
        fitting = [name for name, known in OPTIONS.items() if strange[0] in known]
        raise InputError(
            f"{' and '.join(strange)} given for {kind}; wanted kind {' or '.join(fitting)}"
        )


def write_kind(
    kind: str, folder: Path, count: int, seed: int, given: Mapping[str, Any], overwrite: bool
) -> Iterator[tuple[Path, str]]:
    """Write scans or pictures of a kind, which `check_kind` knows.

    Yields:
        Each file, once written, and its size in words.

    Raises:
        InputError: if an option is out of its range, or a file is there already, before any is
            written.
    """
    if kind in ("pages", "field"):
        yield from _write_pictures(kind, folder, count, seed, given, overwrite)
        return
    from volseg.synthetic.airborne.folder import write_tiles
    from volseg.synthetic.street import write_streets

    write = write_tiles if kind == "airborne" else write_streets
    for path, points in write(folder, count, seed=seed, overwrite=overwrite, **given):
        yield path, f"{points:,} points"


def _write_pictures(
    kind: str, folder: Path, count: int, seed: int, given: Mapping[str, Any], overwrite: bool
) -> Iterator[tuple[Path, str]]:
    from volseg.synthetic.field import generate_field
    from volseg.synthetic.pages import generate_page
    from volseg.synthetic.pages.founts import founts
    from volseg.synthetic.pictures import write_pictures

    draw = generate_field
    if kind == "pages":
        place = Path(given["founts"]) if "founts" in given else None
        founts(place)  # refuses a folder without any before it makes one
        draw = partial(generate_page, folder=place)
    yield from write_pictures(folder, count, draw, seed=seed, overwrite=overwrite)
