"""Which cases are of one person, as their names tell."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from volseg.data.volumes.datasets.cases import Dataset

SUBJECT = re.compile(
    r"(?:^|(?<=[\W_]))(?:sub-[a-z0-9]+|"
    r"(?:sub|subj|subject|patient|patid|pat|pt|participant|person|volunteer|proband)"
    r"(?:[-_ ]?|[-_ ][a-z]{1,3})\d+)",
    re.IGNORECASE,
)
"""A word for a person with a number, as ``sub-01`` in BIDS: no more of a name is the person's."""

LONG = (
    "visit|session|ses|frame|timepoint|time|tp|phase|run|month|year|week|day|date|slice|section|"
    "baseline|follow[-_ ]?up|view|acquisition|acq|repeat|rep|echo|series|stack|part|patch|tile|"
    "crop|roi|left|right"
)
SHORT = (
    "bl|fu|pre|post|ed|es|[tvmywdfz](?=[-_ ]?\\d)|l|r|lh|rh|lt|rt|od|os|"
    "ct|mri?|pet|t1w|t2w|t1|t2|pd|flair|adc|dwi"
)
REPEAT = re.compile(
    rf"(?:[\W_]+(?:{LONG}|{SHORT})|(?<=\d)(?:{LONG}|l|r))(?:[-_ ]?[a-z]?\d+)?$"
    r"|[\W_]+(?:19|20)\d\d[-_.]?[01]\d[-_.]?[0-3]\d$",
    re.IGNORECASE,
)
"""The end of a name that tells a visit, a frame, a side or a date, and no person."""

FIRST = re.compile(rf"^(?:{LONG}|{SHORT})[-_ ]?\d*[\W_]+", re.IGNORECASE)
COUNTER = re.compile(r"(\d+)([-_. ]+(?:scan|[a-z])?(\d+)|[-_. ]?[a-h])$", re.IGNORECASE)
"""A number or letter behind a number: a visit's (``05_1``, ``05b``) or a case's of a site."""


def persons(names: Sequence[str]) -> dict[str, str] | None:
    """The person of every case, by the stem that names have in common.

    ``patient001_frame01`` and ``patient001_frame12``, ``sub-01_ses-1`` and ``sub-01_ses-2``,
    ``a_visit1`` and ``a_visit2``, ``03_1`` and ``03_2`` are of one person each. A stem that all
    cases share names the dataset (``hippocampus_001``), and tells nobody apart.

    Returns:
        A stem for every name; None where no two cases are seen to be of one person.
    """
    shared = _shared_words(names)
    for stem in (_by_word, _by_counter):
        found = {name: stem(name[: len(name) - shared]) for name in names}
        sizes = Counter(found.values())
        few = stem is _by_word or max(sizes.values(), default=0) <= len(sizes)
        if 1 < len(sizes) < len(names) and few:
            return found
    return None


def groups_of(dataset: Dataset) -> dict[str, str] | None:
    """The group of every case by its name: as the dataset says, else the person of its name."""
    return dataset.groups or persons([case.name for case in dataset.cases])


def told_by_names(groups: Mapping[str, str]) -> str:
    """How many cases of how many persons there are, and an example, in words."""
    first = Counter(groups.values()).most_common(1)[0][0]
    example = sorted(name for name, person in groups.items() if person == first)[:2]
    return (
        f"{len(groups)} cases of {len(set(groups.values()))} persons, as their names tell "
        f"({' and '.join(example)} are of one)"
    )


def _by_word(name: str) -> str:
    """The name up to its person, without words for visits, frames and sides."""
    found = SUBJECT.search(name)
    name = name[: found.end()] if found else _without(REPEAT, name)
    return _without(FIRST, name)


def _by_counter(name: str) -> str:
    """The same without a second number, where that is short enough to count visits."""
    name = _by_word(name)
    found = COUNTER.search(name)
    if found and len(found[3] or "") <= max(2, len(found[1])):
        return name[: found.start(2)]
    return name


def _without(pattern: re.Pattern[str], name: str) -> str:
    """A name without what matches, again and again, as long as something is left."""
    while (rest := pattern.sub("", name)) != name and rest:
        name = rest
    return name


def _shared_words(names: Iterable[str]) -> int:
    """Letters of the last words that all names share (`_mri` of `a1_mri` and `a2_mri`)."""
    ends = [re.split(r"(?=[\W_])", name)[::-1] for name in names]
    count = 0
    for column in zip(*ends, strict=False):
        if len(set(column)) > 1 or any(character.isdigit() for character in column[0]):
            break
        count += len(column[0])
    return count
