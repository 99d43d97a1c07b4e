"""Words in headers of text: names of fields, and what gave the labels."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from itertools import chain, count
from pathlib import Path

NAME_BYTES = 32
"""What names of extra dimensions of LAS take at most."""

LABELLED_BY = b" labelled by "
HEADER_LIMIT = 1 << 20


def plain_names(names: Collection[str]) -> dict[str, str]:
    """Names of one ASCII word each, for formats that take no others; most are as they were."""
    made = {name: name for name in names if is_word(name)}
    for name in (name for name in names if name not in made):
        folded = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
        word = re.sub(r"\W+", "_", folded).strip("_") or "field"
        numbered = (f"{word}_{number}" for number in count(2))
        made[name] = next(one for one in chain((word,), numbered) if one not in made.values())
    return made


def names_within(names: Collection[str], most: int, taken: Collection[str] = ()) -> dict[str, str]:
    """Names of at most so many bytes, each another; most are as they were.

    Args:
        names: any.
        most: bytes of UTF-8.
        taken: names that stand already, and are no one else's.
    """
    made = {name: name for name in names if len(to_bytes(name)) <= most}
    for name in (name for name in names if name not in made):
        ends = chain(("",), (f"_{number}" for number in count(2)))
        cut = (to_bytes(name)[: most - len(end)].decode(errors="ignore") + end for end in ends)
        made[name] = next(one for one in cut if one not in {*made.values(), *taken})
    return made


def to_bytes(name: str) -> bytes:
    """A name in UTF-8; bytes of a file that were in no known encoding are as they were."""
    return name.encode("utf-8", "surrogateescape")


def is_word(name: str) -> bool:
    """Whether a name can be that of a field in headers where white space or a comma ends it."""
    return re.fullmatch(r"(?!_$)[!-~]+", name) is not None and not set(name) & set(',;|"')


def signed(lines: Sequence[bytes], comment: bytes, by: str | None) -> list[bytes]:
    """Lines of a header; one before the last says what gave the labels, in place of any other.

    Args:
        lines: with their ends.
        comment: what comments begin with.
        by: what gave the labels; None leaves all as it is.
    """
    if by is None:
        return list(lines)
    begin = comment + LABELLED_BY
    ending = b"\r\n" if lines[0].endswith(b"\r\n") else b"\n"
    others = [line for line in lines if not line.startswith(begin)]
    return [*others[:-1], begin + by.encode("ascii", "replace") + ending, others[-1]]


def signer(path: Path, comment: bytes, end: bytes) -> str | None:
    """What the header of a file says gave the labels, as `signed` writes it, or None.

    Args:
        path: the file.
        comment: what comments begin with.
        end: what the last line begins with.
    """
    with path.open("rb") as stream:
        lines = stream.read(HEADER_LIMIT).partition(b"\n" + end)[0].splitlines()
    begin = comment + LABELLED_BY
    signatures = (line.removeprefix(begin).strip() for line in lines if line.startswith(begin))
    return next((signature.decode("ascii", "replace") for signature in signatures), None)
