"""Words in headers of text: names of fields, and what gave the labels."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from itertools import chain, count


def plain_names(names: Collection[str]) -> dict[str, str]:
    """Names of one ASCII word each, for formats that take no others; most are as they were."""
    made = {name: name for name in names if is_word(name)}
    for name in (name for name in names if name not in made):
        folded = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
        word = re.sub(r"\W+", "_", folded).strip("_") or "field"
        numbered = (f"{word}_{number}" for number in count(2))
        made[name] = next(one for one in chain((word,), numbered) if one not in made.values())
    return made


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
    begin = comment + b" labelled by "
    ending = b"\r\n" if lines[0].endswith(b"\r\n") else b"\n"
    others = [line for line in lines if not line.startswith(begin)]
    return [*others[:-1], begin + by.encode("ascii", "replace") + ending, others[-1]]
