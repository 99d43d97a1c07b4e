"""LZF, the compression of PCD files: runs of bytes, and copies of up to 264 bytes before them.

The stream, as Marc Lehmann's LibLZF defines it: a byte below 32 is followed by that many and one
bytes as they are; any other holds a length in its top three bits (7: the next byte adds to it)
and, with the byte after, how far back the copy of length + 2 begins.
"""

from __future__ import annotations

import numpy as np

from volseg.errors import InputError

LITERALS, LONGEST, REACH = 32, 264, 8192
# Three bytes stand for no more than the longest copy.
EXPANSION = LONGEST // 3
# Found and forgotten at once; a copy reaches no further than 8 KiB anyway.
BLOCK = 1 << 18


def decompress(data: bytes, size: int) -> bytes:
    """The ``size`` bytes that ``data`` stands for.

    Raises:
        InputError: if it stands for another number of bytes, or is damaged.
    """
    out = bytearray()
    place, end = 0, len(data)
    if size > end * EXPANSION:
        raise InputError(f"is damaged: {end:,} compressed bytes cannot hold {size:,}")
    try:
        while place < end and len(out) <= size:
            control = data[place]
            place += 1
            if control < LITERALS:
                out += data[place : place + control + 1]
                place += control + 1
                continue
            length = control >> 5
            if length == 7:
                length += data[place]
                place += 1
            back = ((control & 31) << 8) + data[place] + 1
            place += 1
            _copy(out, back, length + 2)
    except IndexError:
        place = end + 1
    if place != end or len(out) != size:
        raise InputError("is damaged: its compressed data are broken; copy or download it again")
    return bytes(out)


def _copy(out: bytearray, back: int, length: int) -> None:
    """Append ``length`` bytes from ``back`` bytes before the end, those just appended too."""
    start = len(out) - back
    if start < 0:
        raise IndexError
    piece = out[start : start + length]
    out += piece if back >= length else (piece * (length // back + 1))[:length]


def compress(data: bytes) -> bytes:
    """A stream that `decompress` turns back into ``data``."""
    out = bytearray()
    for start in range(0, len(data), BLOCK):
        _compress_block(out, data[start : start + BLOCK])
    return bytes(out)


def _compress_block(out: bytearray, block: bytes) -> None:
    earlier, following = _repeats(block)
    place, end = 0, len(block)
    while place < end:
        at = following[place]
        for start in range(place, at, LITERALS):
            run = block[start : min(start + LITERALS, at)]
            out.append(len(run) - 1)
            out += run
        if at == end:
            break
        source, length = earlier[at], 3
        limit = min(LONGEST, end - at)
        while length < limit and block[source + length] == block[at + length]:
            length += 1
        back, extra = at - source - 1, length - 2
        out.append(min(extra, 7) << 5 | back >> 8)
        if extra >= 7:
            out.append(extra - 7)
        out.append(back & 255)
        place = at + length


def _repeats(block: bytes) -> tuple[list[int], list[int]]:
    """Where the three bytes at a place stood last, and the next place whose stood within reach."""
    end = len(block)
    values = np.frombuffer(block, np.uint8).astype(np.int32)
    triples = values[:-2] << 16 | values[1:-1] << 8 | values[2:]
    order = np.argsort(triples, kind="stable")
    same = triples[order[1:]] == triples[order[:-1]]
    earlier = np.full(end, -REACH - 1)
    earlier[order[1:][same]] = order[:-1][same]
    places = np.arange(end)
    following = np.where(places - earlier <= REACH, places, end)
    following = np.minimum.accumulate(following[::-1])[::-1]
    return earlier.tolist(), following.tolist()
