"""LAS and LAZ files of a header, point records and what follows them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from volseg.errors import InputError
from volseg.io.scans.las import laz
from volseg.io.scans.las.file import LASZIP, RECORD_SIZES, Prefix, Vlr, open_points

Blocks = Callable[[], Iterable[NDArray[np.uint8]]]


def save(
    stream: BinaryIO,
    prefix: Prefix,
    blocks: Blocks,
    *,
    compress: bool,
    tail: tuple[int, bytes] = (0, b""),
) -> None:
    """Write a file of these parts, correcting only the header's positions, sizes and counts.

    Args:
        stream: where to write, from its beginning.
        prefix: header and variable length records, with the length of a record.
        blocks: makes the point records, arrays uint8 (n, length), every time anew.
        compress: write LAZ.
        tail: position in the old file, and bytes, of what follows the points.
    """
    old, length = prefix, prefix.record_length
    if compress:
        body = laz.new_record(prefix.format_id, length - RECORD_SIZES[prefix.format_id])
        vlrs = [vlr for vlr in prefix.vlrs if vlr.key != LASZIP]
        place = next((i for i, vlr in enumerate(prefix.vlrs) if vlr.key == LASZIP), len(vlrs))
        vlrs.insert(place, Vlr.new(LASZIP, body))
    else:
        vlrs = [vlr for vlr in prefix.vlrs if vlr.key != LASZIP]
    prefix = replace(prefix, vlrs=tuple(vlrs))
    prefix = prefix.with_field("I", 96, len(prefix.to_bytes()))
    prefix = prefix.with_field("I", 100, len(prefix.vlrs))
    prefix = prefix.with_field("B", 104, prefix.format_id | (0x80 if compress else 0))
    stream.write(prefix.to_bytes())
    if compress:
        laz.compress(stream, body, blocks())
        if prefix.format_id in (9, 10):
            _check_waveforms(stream, prefix, blocks)
    else:
        for records in blocks():
            stream.write(np.ascontiguousarray(records).data)
    stream.seek(0, 2)
    moved = stream.tell() - tail[0]
    stream.write(tail[1])
    if tail[1]:
        stream.seek(0)
        stream.write(_move(old, prefix, tail[0], moved).header)


def _check_waveforms(stream: BinaryIO, prefix: Prefix, blocks: Blocks) -> None:
    """Refuse what LAZ changed: it mixes up waveform fields where scanner channels alternate."""
    if not prefix.count:
        return
    fill = open_points(stream, prefix, stream.seek(0, 2))
    for records in blocks():
        written = np.empty_like(records)
        fill(written)
        if not np.array_equal(written, records):
            raise InputError(
                f"LAZ does not keep the waveform fields of point format {prefix.format_id} with "
                "several scanner channels; write to .las instead"
            )


def _move(old: Prefix, new: Prefix, start: int, moved: int) -> Prefix:
    """``new`` with the positions that pointed into the tail moved along with it."""
    if old.evlrs[0] >= start:
        new = new.with_field("Q", 235, old.evlrs[0] + moved)
    if old.waveforms >= start:
        new = new.with_field("Q", 227, old.waveforms + moved)
    return new
