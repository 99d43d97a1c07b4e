"""A LAS header as laspy reads it: what describes points, under names that differ.

Texts in headers are in any encoding, and names of extra dimensions may be empty or stand twice.
Files keep them as bytes; here they are shown as well as can be.

So headers reach laspy without texts, since it fails on what is not UTF-8 and on names that stand
twice.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Iterable, Sequence
from dataclasses import replace

import laspy
import numpy as np
from laspy.point.dims import OLD_LASPY_NAMES
from laspy.point.format import PointFormat

from volseg._version import __version__
from volseg.errors import InputError
from volseg.io.scans.las.extra import EXTRA_BYTES, descriptions
from volseg.io.scans.las.file import HEADER_SIZES, Prefix, Vlr

TEXTS = slice(26, 90)  # system identifier and generating software
SOFTWARE = slice(58, 90)
SIGNATURE = (b"volseg", 1)
"""The record that says which model gave the classes, as text in UTF-8."""
SOFTWARE_NAME = f"volseg {__version__}"
COORDINATES = ("X", "Y", "Z")
# laspy's warnings go to whoever listens, not to the screen of everyone else.
logging.getLogger("laspy").addHandler(logging.NullHandler())


def parse_header(prefix: Prefix) -> laspy.LasHeader:
    """Read the header with laspy.

    Raises:
        InputError: if laspy finds it inconsistent, or no coordinates come of its scales.
    """
    extra = descriptions(prefix)
    try:
        plain = _plain(prefix, [block for _, block in extra])
        header = laspy.LasHeader.read_from(io.BytesIO(plain.to_bytes()))
        _rename(header.point_format, [name for name, _ in extra])
        wanted = header.point_format.dtype().itemsize
    except Exception as error:  # laspy lets through whatever parsing damaged bytes may raise
        raise InputError(f"has a header that cannot be read ({error})") from None
    if wanted != prefix.record_length:
        raise InputError(f"has {prefix.record_length} bytes a point; its dimensions need {wanted}")
    _check_steps(header)
    return header


def _check_steps(header: laspy.LasHeader) -> None:
    for axis, scale, offset in zip("xyz", header.scales, header.offsets, strict=True):
        name, value = ("offset", offset) if np.isfinite(scale) and scale else ("scale", scale)
        if not np.isfinite(value) or (name == "scale" and not value):
            found = f"{value:g}".replace("nan", "NaN")
            raise InputError(
                f"its header has the {name} {found} for {axis}, which makes no coordinates; set "
                "it to what the points were stored with, often 0.001 or 0.01 for a scale"
            )


def signed(prefix: Prefix, labelled_by: str) -> Prefix:
    """The header with what gave the classes in a record of its own, and volseg as the software."""
    vlr = Vlr.new(SIGNATURE, labelled_by.encode()[:65535])
    vlrs = (*(other for other in prefix.vlrs if other.key != SIGNATURE), vlr)
    header = bytearray(prefix.header)
    header[SOFTWARE] = SOFTWARE_NAME.encode().ljust(32, b"\0")[:32]
    return replace(prefix, header=bytes(header), vlrs=vlrs)


def odd_names(prefix: Prefix, header: laspy.LasHeader) -> list[str]:
    """Which extra dimensions go by a name that was made, a phrase each."""
    own = [name for name, _ in descriptions(prefix)]
    names = header.point_format.extra_dimension_names
    return [
        f"extra dimension {number} is named {was!r} as another is and goes by {name!r}"
        if was
        else f"extra dimension {number} has no name and goes by {name!r}"
        for number, (was, name) in enumerate(zip(own, names, strict=False), start=1)
        if was != name
    ]


def _plain(prefix: Prefix, extra: Sequence[bytes]) -> Prefix:
    """A header of the size its version has, without texts, and its description of dimensions."""
    size = HEADER_SIZES[prefix.minor]
    header = bytearray(prefix.header[:size].ljust(size, b"\0"))
    header[TEXTS] = bytes(TEXTS.stop - TEXTS.start)
    # Dimensions go by their numbers, and have no remarks.
    body = b"".join(
        block[:4] + str(number).encode().ljust(32, b"\0") + block[36:160] + bytes(32)
        for number, block in enumerate(extra)
    )
    vlrs = (Vlr.new(EXTRA_BYTES, body),) if body else ()
    plain = Prefix(bytes(header), vlrs, b"").with_field("H", 94, size)
    plain = plain.with_field("I", 96, len(plain.to_bytes()))
    return plain.with_field("I", 100, len(vlrs))


def _rename(layout: PointFormat, names: Sequence[str]) -> None:
    """Give extra dimensions their names, and others where they are empty or taken."""
    extra = [i for i, dimension in enumerate(layout.dimensions) if not dimension.is_standard]
    more = [layout.dimensions[i].name for i in extra[len(names) :]]
    standard = PointFormat(layout.id)
    taken = {*standard.dimension_names, *(standard.dtype().names or ()), *OLD_LASPY_NAMES}
    taken |= {*COORDINATES, "x", "y", "z", "colour"}
    for i, name in zip(extra, made_names([*names, *more], taken), strict=False):
        layout.dimensions[i] = layout.dimensions[i]._replace(name=name)


def made_names(names: Sequence[str], taken: Iterable[str]) -> list[str]:
    """Names as they are, but ``extra_2`` for none, and ``a_2`` for an ``a`` that is taken."""
    used, made = set(taken), []
    for number, name in enumerate(names, start=1):
        unique = name or f"extra_{number}"
        count = 1
        while unique in used or (unique != name and unique in names):
            count += 1
            unique = f"{name or f'extra_{number}'}_{count}"
        used.add(unique)
        made.append(unique)
    return made
